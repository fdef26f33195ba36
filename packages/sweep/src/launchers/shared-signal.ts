import { setMaxListeners } from 'node:events';

/** A signal that is aborted with the first of several, and that any number of trials may listen to without a warning of Node. */
export function sharedSignal(...signals: readonly AbortSignal[]): AbortSignal {
  const shared = AbortSignal.any([...signals]);
  setMaxListeners(0, shared);
  return shared;
}
