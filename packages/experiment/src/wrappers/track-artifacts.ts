import { AsyncLocalStorage } from 'node:async_hooks';
import type { ArtifactContent, ArtifactSource, UsedArtifact } from '@pixelis/artifacts';
import { currentExperiment } from '../context/current-experiment';
import type { ExperimentContext, LogArtifactOptions } from '../context/experiment-context';
import { type MethodContext, wrapCalls } from './method-wrapper';

/** What an output is made from: bytes (one file), or all that an artifact can be made from. */
export type OutputSource = Uint8Array | ArtifactSource;

/** The artifact that an output becomes. */
export interface OutputArtifact extends LogArtifactOptions {
  readonly name: string;
}

/** What {@link trackArtifacts} records. */
export interface TrackArtifactsOptions<Output extends string> {
  /** Role → the artifact that is used in it, such as `dataset-digits-1.0:latest`. @default none */
  readonly inputs?: Readonly<Record<string, string>>;
  /** Property of the returned value → the artifact that it becomes, or its name. @default none */
  readonly outputs?: Readonly<Record<Output, string | OutputArtifact>>;
}

/** An asynchronous function whose value has what is to be recorded. */
export type TrackedFunction<Output extends string> = (
  this: never,
  ...args: never[]
) => Promise<[Output] extends [never] ? unknown : Readonly<Record<Output, OutputSource>>>;

const inputsOfCall = new AsyncLocalStorage<ReadonlyMap<string, UsedArtifact>>();

/**
 * Records what an asynchronous function uses and makes in the current experiment: before every call each input is resolved
 * and recorded as used, for {@link trackedInput}; after it each output is taken from the returned value and stored. To be
 * used around a function, `trackArtifacts({…})(train)`, or as a standard decorator of a method.
 *
 * A call outside of an experiment throws a TypeError; so does a value without an output.
 */
export function trackArtifacts<const Output extends string = never>({
  inputs = {},
  outputs,
}: TrackArtifactsOptions<Output>): <F extends TrackedFunction<Output>>(
  original: F,
  context?: MethodContext,
) => F {
  return (original) =>
    wrapCalls<never, typeof original>(original, async ({ proceed }) => {
      const run = currentExperiment();
      if (run === undefined) throw new TypeError('Cannot track artifacts: no experiment is open');
      const used = new Map<string, UsedArtifact>();
      for (const [role, spec] of Object.entries(inputs))
        used.set(role, await run.useArtifact(spec, { role }));
      const value = await inputsOfCall.run(used, proceed);
      await logOutputs(run, { value, outputs: Object.entries(outputs ?? {}) });
      return value;
    });
}

/**
 * The input of a role, within a function that {@link trackArtifacts} was put around.
 *
 * @throws {TypeError} If there is no input of that role, or no such function is being called.
 */
export function trackedInput(role: string): UsedArtifact {
  const used = inputsOfCall.getStore()?.get(role);
  if (used === undefined) {
    throw new TypeError(`Cannot find the input ${JSON.stringify(role)}: trackArtifacts names none`);
  }
  return used;
}

async function logOutputs(
  run: ExperimentContext,
  { value, outputs }: { value: unknown; outputs: [string, string | OutputArtifact][] },
): Promise<void> {
  for (const [property, artifact] of outputs) {
    const { name, ...options } = typeof artifact === 'string' ? { name: artifact } : artifact;
    await run.logArtifact(name, sourceOf(value, property), options);
  }
}

/** The types hold a function to it, but not what JavaScript calls. */
function sourceOf(value: unknown, property: string): ArtifactSource {
  const source: unknown =
    typeof value === 'object' && value !== null ? Reflect.get(value, property) : undefined;
  if (typeof source === 'string') return source;
  if (source instanceof Uint8Array) return { [property]: source };
  if (typeof source === 'object' && source !== null) {
    const files = Object.entries(source).filter((file): file is [string, ArtifactContent] =>
      isContent(file[1]),
    );
    if (files.length === Object.keys(source).length) return Object.fromEntries(files);
  }
  throw new TypeError(
    `Cannot record the output ${JSON.stringify(property)}: it must be a path, bytes or files: current value is ${typeof source}`,
  );
}

function isContent(value: unknown): value is ArtifactContent {
  if (value instanceof Uint8Array) return true;
  return (
    typeof value === 'object' && value !== null && 'file' in value && typeof value.file === 'string'
  );
}
