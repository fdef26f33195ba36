import { type ArtifactSource, checkpointName } from '@pixelis/artifacts';
import { UsageError } from '@pixelis/core';
import { currentExperiment } from '../context/current-experiment';
import type { ExperimentContext } from '../context/experiment-context';
import { type AsyncFunctionOf, type MethodContext, wrapCalls } from './method-wrapper';

/** When {@link checkpoint} saves, and what it keeps. */
export interface CheckpointOptions<Self> {
  /** What the checkpoint is of, such as `sft`: the artifact is `checkpoint_<type>_<run id>`. */
  readonly type: string;
  /** Gives what is to be saved; it is called with the function's `this`. */
  readonly save: (self: Self) => ArtifactSource | Promise<ArtifactSource>;
  /** Save after every so many calls, from 1, or after a call since which an epoch was recorded. @default 1 */
  readonly frequency?: number | 'epoch';
  /** Whether the alias `best` follows the best of what was saved. @default false */
  readonly saveBest?: boolean;
  /**
   * What decides which is best: a number of that name in the value that the function returned, or else the value that the
   * experiment recorded last under that key, such as `accuracy/val`. Needed for `saveBest`.
   */
  readonly metric?: string;
  /** Whether the largest or the smallest value is the best. @default 'max' */
  readonly direction?: 'max' | 'min';
  /** How many versions are kept, besides the best. @default all */
  readonly keepLast?: number;
}

/** How far the calls of one experiment are. */
interface Progress {
  callCount: number;
  epochCount: number;
  /** Undefined before the first that has a value. */
  best: number | undefined;
}

const BEST = 'best';

/** No content is old enough to be collected: versions are given up here, and their space is freed when the user asks. */
const COLLECT_NOTHING_MS = Number.MAX_SAFE_INTEGER;

/**
 * Saves checkpoints of the current experiment after calls of an asynchronous function, such as a step or an epoch of
 * training: every one is a version of the artifact `checkpoint_<type>_<run id>`. To be used around a function,
 * `checkpoint({…})(step)`, or as a standard decorator of a method. A resumed run goes on with the best so far.
 *
 * A call outside of an experiment throws a TypeError.
 *
 * @throws {RangeError} If `frequency` or `keepLast` is not an integer from 1.
 * @throws {TypeError} If `saveBest` has no `metric`.
 */
export function checkpoint<Self = unknown>(
  options: CheckpointOptions<Self>,
): <F extends AsyncFunctionOf<Self>>(original: F, context?: MethodContext) => F {
  checkOptions(options);
  const { frequency = 1 } = options;
  const progressOf = new WeakMap<ExperimentContext, Progress>();
  return (original) =>
    wrapCalls<Self, typeof original>(original, async ({ self, proceed }) => {
      const run = currentExperiment();
      if (run === undefined) throw new TypeError('Cannot save a checkpoint: no experiment is open');
      const progress = progressOf.get(run) ?? beginProgress(run, options);
      progressOf.set(run, progress);
      const value = await proceed();
      progress.callCount += 1;
      const isDue =
        frequency === 'epoch'
          ? run.epochCount > progress.epochCount
          : progress.callCount % frequency === 0;
      progress.epochCount = run.epochCount;
      if (isDue) await saveCheckpoint(run, { options, progress, value, self });
      return value;
    });
}

async function saveCheckpoint<Self>(
  run: ExperimentContext,
  call: { options: CheckpointOptions<Self>; progress: Progress; value: unknown; self: Self },
): Promise<void> {
  const { options, progress, value, self } = call;
  const { type, metric, saveBest = false, direction = 'max', keepLast } = options;
  const name = checkpointName(type, run.runId);
  const score = metric === undefined ? undefined : scoreOf(run, metric, value);
  const isBest = saveBest && isBetter(score, progress.best, direction);
  const { callCount, epochCount } = progress;
  await run.logArtifact(name, await options.save(self), {
    type: 'checkpoint',
    aliases: isBest ? [BEST] : [],
    metadata: {
      call_count: callCount,
      epoch_count: epochCount,
      ...(metric === undefined ? {} : { metric, value: score ?? null }),
    },
  });
  if (isBest) progress.best = score;
  if (keepLast !== undefined)
    await run.artifacts.collect({
      names: [name],
      keepLast,
      isApplied: true,
      gracePeriodMs: COLLECT_NOTHING_MS,
    });
}

function beginProgress<Self>(run: ExperimentContext, { type }: CheckpointOptions<Self>): Progress {
  const best = run.isResumed ? bestSoFar(run, checkpointName(type, run.runId)) : undefined;
  return { callCount: 0, epochCount: run.epochCount, best };
}

function bestSoFar(run: ExperimentContext, name: string): number | undefined {
  try {
    const value = run.artifacts.resolve(`${name}:${BEST}`).metadata['value'];
    return typeof value === 'number' ? value : undefined;
  } catch (error) {
    if (error instanceof UsageError) return undefined;
    throw error;
  }
}

/** Undefined if nothing is known yet, or it is not finite. */
function scoreOf(run: ExperimentContext, metric: string, value: unknown): number | undefined {
  const returned: unknown =
    typeof value === 'object' && value !== null ? Reflect.get(value, metric) : undefined;
  const score = typeof returned === 'number' ? returned : run.latest(metric);
  return score !== undefined && Number.isFinite(score) ? score : undefined;
}

function isBetter(
  score: number | undefined,
  best: number | undefined,
  direction: 'max' | 'min',
): boolean {
  if (score === undefined) return false;
  if (best === undefined) return true;
  return direction === 'max' ? score > best : score < best;
}

function checkOptions<Self>({
  frequency = 1,
  keepLast = 1,
  saveBest = false,
  metric,
}: CheckpointOptions<Self>): void {
  for (const [option, value] of Object.entries({ frequency, keepLast })) {
    if (value === 'epoch' && option === 'frequency') continue;
    if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 1)
      throw new RangeError(
        `Cannot save checkpoints: ${option} must be an integer >= 1: current value is ${value}`,
      );
  }
  if (saveBest && metric === undefined)
    throw new TypeError('Cannot save the best checkpoint: metric must say what decides it');
}
