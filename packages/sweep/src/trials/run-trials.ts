import {
  DataError,
  EnvironmentError,
  nearestName,
  type PixelisError,
  UsageError,
} from '@pixelis/core';
import type { RungResult, TrialError } from '../folder/outcome';
import type { TrialEnd } from '../launchers/launcher';
import { readTrialEnd } from '../launchers/trial-end';
import { isTrialAlive } from '../launchers/trial-locks';
import type { SweepSession } from '../sweep-session';
import { type TrialRun, valueOf } from './trial-run';
import { trialTask } from './trial-task';
import { judgeTrial, type TrialVerdict } from './trial-verdict';

/** How often a trial is started again whose process vanished. */
const RESTARTS_MAX = 2;

/** How far {@link runTrials} brings trials. */
export interface RunTrialsOptions {
  /** The step after which they are to be compared; undefined: their end. */
  readonly stopAfter: number | undefined;
  /** Steps of a trial that goes to its end. */
  readonly steps: number;
  /** What halving compared of a trial so far. */
  readonly rungsOf: (trial: number) => readonly RungResult[];
}

/**
 * Brings trials to their end, or to the step after which they are to be compared. What has come so far in the store is not run
 * again; what failed, and what is complete, is recorded as soon as it is known.
 *
 * @returns The values of those that came so far.
 * @throws {UsageError} `SWEEP_METRIC_MISSING` if none of the trials has the metric; `RUN_HELD` if somebody else holds the run of one.
 * @throws {EnvironmentError} `ENVIRONMENT_DIFFERS` if one of them may not run in the environment in which it was started.
 * @throws {DataError} `DISK_FULL` if one of them found no space.
 */
export async function runTrials(
  session: SweepSession,
  trials: readonly number[],
  options: RunTrialsOptions,
): Promise<ReadonlyMap<number, number>> {
  const leg = new Leg(session, options);
  let open = trials.filter((trial) => leg.isOpen(trial));
  for (let attempt = 0; open.length > 0; attempt++) {
    open = await leg.launch(open, attempt);
  }
  leg.settleWithoutMetric();
  return leg.values;
}

/** A run that lacks the metric, with those that it has. */
interface RunWithoutMetric {
  readonly steps: number;
  readonly keys: ReadonlySet<string>;
}

/** The way of some trials to one goal. */
class Leg {
  readonly values = new Map<number, number>();
  readonly #session: SweepSession;
  readonly #options: RunTrialsOptions;
  /** Trials that came so far without the metric. */
  readonly #withoutMetric = new Map<number, RunWithoutMetric>();

  constructor(session: SweepSession, options: RunTrialsOptions) {
    this.#session = session;
    this.#options = options;
  }

  /** Whether a trial is to be started. A failure counts that nobody was there to record. */
  isOpen(trial: number): boolean {
    const { folder, program } = this.#session;
    const paths = trialTask(folder, { trial, program });
    const end = isTrialAlive(paths) ? null : readTrialEnd(paths);
    const { kind } = this.#judge(trial, end?.exitCode === 0 ? null : end);
    return kind === 'open' || kind === 'prevented';
  }

  /** Starts trials. @returns Those that are to be started again. */
  async launch(trials: readonly number[], attempt: number): Promise<number[]> {
    const session = this.#session;
    const { launcher, folder, program, tell } = session;
    const { stopAfter } = this.#options;
    session.requireGoingOn();
    const stop = new AbortController();
    const signal = AbortSignal.any([session.signal, stop.signal]);
    const open = new Set(trials);
    let failure: { readonly error: unknown } | undefined;
    await launcher.run(
      trials.map((trial) => trialTask(folder, { trial, stopAfter, program })),
      {
        signal,
        onStart: (trial) => tell({ kind: 'started', trial }),
        onEnd: (trial, end) => {
          try {
            tell({ kind: 'ended', trial });
            // A process of an earlier launcher may have been on its way to an earlier rung.
            const isEarlier = attempt === 0 && end?.exitCode === 0;
            const verdict = this.#judge(trial, isEarlier ? null : end);
            if (verdict.kind === 'prevented') throw placeError(trial, verdict.error);
            if (verdict.kind !== 'open') open.delete(trial);
            else if (!signal.aborted && !isEarlier) this.#restart(trial, { attempt, open });
          } catch (error) {
            // A full disk, for instance, or a foreign environment: it is no fault of the trial.
            failure ??= { error };
            stop.abort();
          }
        },
      },
    );
    if (failure !== undefined) throw failure.error;
    if (open.size > 0) session.requireGoingOn();
    return [...open].sort((a, b) => a - b);
  }

  #restart(trial: number, { attempt, open }: { attempt: number; open: Set<number> }): void {
    if (attempt < RESTARTS_MAX) {
      this.#session.tell({ kind: 'lost', trial });
      return;
    }
    const message = `its process vanished ${RESTARTS_MAX + 1} times`;
    this.#fail(trial, { error: { code: 'TRIAL_LOST', message, exit_code: null }, steps: 0 });
    open.delete(trial);
  }

  #judge(trial: number, end: TrialEnd | null): TrialVerdict {
    const { stopAfter } = this.#options;
    const verdict = judgeTrial(this.#session.folder, { trial, stopAfter, end });
    if (verdict.kind === 'reached') this.#reach(trial, verdict.run);
    if (verdict.kind === 'failed') this.#fail(trial, verdict);
    return verdict;
  }

  #reach(trial: number, run: TrialRun): void {
    const { objective, tell } = this.#session;
    const { metric } = objective;
    const { stopAfter, steps, rungsOf } = this.#options;
    const value = valueOf(run, stopAfter === undefined ? { metric } : { metric, steps: stopAfter });
    if (value === undefined) {
      if (this.#withoutMetric.size === 0 && this.values.size === 0)
        tell({ kind: 'warning', message: missingMetric(metric, keysOf(run)) });
      this.#withoutMetric.set(trial, { steps: run.steps, keys: keysOf(run) });
      return;
    }
    this.values.set(trial, value);
    if (stopAfter !== undefined) {
      tell({ kind: 'compared', trial, steps: stopAfter, value });
      return;
    }
    const before = rungsOf(trial);
    this.#session.decide({
      trial,
      state: 'COMPLETED',
      value,
      steps: run.steps,
      results: run.results,
      rungs: before.length === 0 ? [] : [...before, { steps, value }],
      error: null,
    });
  }

  #fail(
    trial: number,
    { error, steps }: Pick<Extract<TrialVerdict, { kind: 'failed' }>, 'error' | 'steps'>,
  ): void {
    const rungs = [...this.#options.rungsOf(trial)];
    this.#session.decide({ trial, state: 'FAILED', value: null, steps, results: {}, rungs, error });
  }

  /** Some trials may end before the metric is measured for the first time; all of them only if there is no such metric. */
  settleWithoutMetric(): void {
    if (this.#withoutMetric.size === 0) return;
    const { objective, parameters } = this.#session;
    const hasMetric = [...parameters.keys()].some(
      (trial) => this.values.has(trial) || hasValue(this.#session, trial),
    );
    if (!hasMetric) throw this.#noMetricError();
    const numbers = [...this.#withoutMetric].sort(([a], [b]) => a - b);
    for (const [trial, { steps }] of numbers) {
      const message = `its run has no ${objective.metric}`;
      const error = { code: 'TRIAL_METRIC_MISSING', message, exit_code: 0 };
      this.#fail(trial, { error, steps });
    }
  }

  #noMetricError(): UsageError {
    const runs = [...this.#withoutMetric.values()];
    const keys = [...new Set(runs.flatMap((run) => [...run.keys]))].sort();
    const isHalving = this.#options.stopAfter !== undefined;
    // What was decided by a metric is another search with another one.
    const tag = this.#session.objective.isGuiding ? ' and another --tag' : '';
    const known = `repeat the command with another --metric${tag}: ${keys.join(', ')}`;
    return new UsageError(missingMetric(this.#session.objective.metric, keys), {
      code: 'SWEEP_METRIC_MISSING',
      remedy: isHalving ? `${known}; or compare trials after more steps` : known,
    });
  }
}

/** What kept a trial from running, in its own words. */
function placeError(trial: number, { code, message }: TrialError): PixelisError {
  if (code === 'DISK_FULL')
    return new DataError(`trial ${trial} cannot run: ${message}`, {
      code: 'DISK_FULL',
      remedy: 'free space, then repeat the command: nothing is lost',
    });
  if (code === 'RUN_HELD')
    return new UsageError(`trial ${trial} cannot run: ${message}`, {
      code: 'RUN_HELD',
      remedy:
        'wait for that process to end, ten minutes at most if it was killed, then repeat the command: nothing is lost',
    });
  return new EnvironmentError(`trial ${trial} cannot run: ${message}`, {
    code: 'ENVIRONMENT_DIFFERS',
    remedy:
      'return to that environment, or repeat the command with --env-policy warn or --force: nothing is lost',
  });
}

function hasValue(session: SweepSession, trial: number): boolean {
  const outcome = session.outcome(trial);
  return outcome !== undefined && (outcome.value !== null || outcome.rungs.length > 0);
}

function missingMetric(metric: string, keys: Iterable<string>): string {
  const nearest = nearestName(metric, keys);
  const hint = nearest === undefined ? '' : `: did you mean ${nearest}?`;
  return `no trial has the metric ${metric} so far${hint}`;
}

/** The metrics of a run. */
function keysOf({ metrics }: TrialRun): Set<string> {
  const keys = new Set(metrics.flatMap((line) => Object.keys(line)));
  keys.delete('step');
  return keys;
}
