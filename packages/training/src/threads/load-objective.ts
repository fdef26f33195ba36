import { pathToFileURL } from 'node:url';
import type { Objective } from '../trainer/objective';
import type { ObjectiveModule } from './objective-module';

/**
 * Makes the objective that a module describes.
 *
 * @throws {TypeError} If the module does not export that function, or it makes something else.
 */
export async function loadObjective({
  path,
  factory,
  options,
}: ObjectiveModule): Promise<Objective<unknown>> {
  const namespace: unknown = await import(pathToFileURL(path).href);
  const make = memberOf(namespace, factory) ?? memberOf(memberOf(namespace, 'default'), factory);
  if (typeof make !== 'function')
    throw new TypeError(`Cannot make an objective: ${path} must export the function ${factory}`);
  const objective: unknown = Reflect.apply(make, undefined, [options]);
  if (!isObjective(objective))
    throw new TypeError(`Cannot train: what ${factory} of ${path} makes must be an objective`);
  return objective;
}

function memberOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}

function isObjective(value: unknown): value is Objective<unknown> {
  return ['inputs', 'lossSum', 'weight'].every(
    (name) => typeof memberOf(value, name) === 'function',
  );
}
