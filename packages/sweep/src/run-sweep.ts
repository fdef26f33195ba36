import { UsageError } from '@pixelis/core';
import { finishSweep } from './folder/finish-sweep';
import { type OpenedSweep, openSweep } from './folder/open-sweep';
import { retryFailedTrials } from './folder/retry-failed-trials';
import type { SweepFolder } from './folder/sweep-folder';
import { decidedTrials } from './folder/sweep-progress';
import type { SweepManifest } from './folder/sweep-manifest';
import { describeSearch, readSearch } from './folder/sweep-search';
import type { Launcher } from './launchers/launcher';
import type { Parameters, TrialResult } from './strategies/strategy';
import type { SweepListener } from './sweep-event';
import { planSweep, proposeGeneration, type SweepPlan, type SweepPlanOptions } from './sweep-plan';
import { SweepSession } from './sweep-session';
import { runGeneration } from './trials/run-generation';
import { TrialConfigs } from './trials/trial-configs';
import type { TrialProgram } from './trials/trial-task';

/** What {@link runSweep} runs. */
export interface RunSweepOptions extends SweepPlanOptions {
  /** The folder of all output. */
  readonly out: string;
  /** Name of the sweep. Default: the newest unfinished sweep of the same search, or else a time stamp. */
  readonly tag?: string | undefined;
  /** Whether to begin a sweep even if one could be resumed. @default false */
  readonly isNew?: boolean;
  /** Makes what runs the trials. What it throws is a refusal: nothing has been written by then. */
  readonly launcher: (context: LauncherContext) => PreparedLauncher;
  /** The program that trains a trial. */
  readonly program: TrialProgram;
  /** Aborted with `SIGINT` or `SIGTERM` as its reason: the sweep stops and can be resumed. @default never */
  readonly signal?: AbortSignal;
  /** @default nobody is told */
  readonly onEvent?: SweepListener;
  /** Tells the time of the manifest. @default the system's clock */
  readonly now?: () => Date;
}

/** What is known when a launcher is made. */
export interface LauncherContext {
  readonly folder: SweepFolder;
  /** Trials that wait for none of the others, at most. */
  readonly trialsAtOnce: number;
}

/** A launcher, and what trials are told because of it. */
export interface PreparedLauncher {
  readonly launcher: Launcher;
  /** Arguments of the program of every trial, such as `--threads 2`. */
  readonly options: readonly string[];
}

/** What came of a sweep. */
export interface SweepResult {
  readonly folder: SweepFolder;
  /** WRITTEN: its configurations stand there, as `isWriteOnly` asked. */
  readonly status: 'COMPLETED' | 'WRITTEN';
  /** Number of all trials. */
  readonly trials: number;
  /** Null for a sweep that was only written. */
  readonly manifest: SweepManifest | null;
}

/**
 * Runs a sweep, or resumes one: what is recorded is not run again, and unfinished runs go on. Which trials there are and what comes of
 * them depends on the configuration alone: not on how many run at once, in which order they end or how often it was
 * interrupted. Trials that fail are recorded, and the others go on.
 *
 * @throws {UsageError} If what is searched is wrong, or the tag belongs to another search; nothing is changed then. Or
 * `SWEEP_METRIC_MISSING`, if no trial came to have the metric, or `RUN_HELD`, if somebody else holds the run of one.
 * @throws {EnvironmentError} `ENVIRONMENT_DIFFERS` if a trial may not run in this environment; what is there is kept.
 * @throws {DataError} If the output folder is unwritable or the disk full; what is there is kept.
 * @throws {Interruption} If `signal` was aborted.
 */
export async function runSweep(options: RunSweepOptions): Promise<SweepResult> {
  const plan = planSweep(options);
  const { out, tag, isNew = false } = options;
  const { search, strategy, texts } = plan;
  const opened = openSweep({
    ...{ out, tag, isNew, search: describeSearch(search), configs: texts },
    prepare: (folder) => {
      const trialsAtOnce = Math.min(strategy.generationSize, strategy.trials);
      return options.launcher({ folder, trialsAtOnce });
    },
  });
  try {
    const { folder } = opened;
    const retried = options.isRetryingFailed === true ? retryFailedTrials(folder) : [];
    const manifest = retried.length > 0 ? undefined : opened.manifest;
    const { trials } = strategy;
    if (manifest !== undefined) return { folder, trials, status: 'COMPLETED', manifest };
    for (const message of [...opened.warnings, ...plan.warnings])
      options.onEvent?.({ kind: 'warning', message });
    const { isResumed } = opened;
    const { onEvent = () => undefined } = options;
    const configs = new TrialConfigs({ folder, plan, isResumed, onEvent });
    if (options.isWriteOnly === true) {
      const written = isResumed ? proposeGeneration(strategy, { first: 1, history: [] }) : [];
      for (const [trial, parameters] of written) configs.ensure(trial, parameters);
      return { folder, trials, status: 'WRITTEN', manifest: null };
    }
    const ended = await runPlan(opened, plan, { ...options, configs });
    return { folder, trials, status: 'COMPLETED', manifest: ended };
  } finally {
    opened.lock.release();
  }
}

async function runPlan(
  { folder, isResumed, prepared }: OpenedSweep<PreparedLauncher>,
  { search, strategy, generation }: SweepPlan,
  { configs, ...options }: RunSweepOptions & { readonly configs: TrialConfigs },
): Promise<SweepManifest> {
  const { onEvent = () => undefined, signal = new AbortController().signal, now } = options;
  const { metric, direction, strategy: name, halving } = search.sweep;
  const isGuiding = name === 'tpe' || halving !== null;
  const program = {
    ...options.program,
    options: [...options.program.options, ...prepared.options],
  };
  const session = new SweepSession({
    ...{ folder, program, launcher: prepared.launcher, signal, onEvent },
    ...{ metric, direction, isGuiding },
  });
  const decided = decidedTrials(folder.directory).length;
  onEvent({ kind: 'opened', folder, isResumed, trials: strategy.trials, decided });
  const known = readSearch(folder.searchPath) ?? describeSearch(search);
  const history: TrialResult[] = [];
  while (history.length < strategy.trials) {
    const proposed = proposeGeneration(strategy, { first: history.length + 1, history });
    for (const [trial, parameters] of proposed) {
      session.add(trial, parameters);
      configure(session, { trial, parameters, configs });
    }
    await runGeneration(session, [...proposed.keys()], generation);
    for (const [trial, parameters] of proposed)
      history.push(resultOf(session, { trial, parameters }));
  }
  const trials = Array.from(session.parameters, ([trial, parameters]) => {
    return { parameters, outcome: session.requireOutcome(trial) };
  });
  return finishSweep(folder, { search: known, trials, now: now?.() ?? new Date() });
}

/** Sees to it that the configuration of a trial stands in its file. A trial that can have none has failed. */
function configure(
  session: SweepSession,
  { trial, parameters, configs }: { trial: number; parameters: Parameters; configs: TrialConfigs },
): void {
  try {
    configs.ensure(trial, parameters);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    if (session.outcome(trial) !== undefined) return;
    const { code, message, exitCode } = error;
    const failure = { code, message, exit_code: exitCode };
    const nothing = { value: null, steps: 0, results: {}, rungs: [] };
    session.decide({ trial, state: 'FAILED', ...nothing, error: failure });
  }
}

function resultOf(
  session: SweepSession,
  { trial, parameters }: { trial: number; parameters: Parameters },
): TrialResult {
  const { value, rungs: compared } = session.requireOutcome(trial);
  return { trial, parameters, value, rung: Math.max(0, compared.length - 1) };
}
