import { ParameterLayout, type ParameterSpecs } from '../parameters';

/** Entries; 16 bytes, as on the heap. Shared memory is copied many times slower between places that are not aligned alike. */
const ALIGNMENT = 4;

/** Where each parameter lies in the flat vectors of an arena. */
export function arenaLayout(specs: ParameterSpecs): ParameterLayout {
  return new ParameterLayout(specs, { alignment: ALIGNMENT });
}
