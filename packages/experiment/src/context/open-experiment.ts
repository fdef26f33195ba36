import { ArtifactManager, openRun, type Run } from '@pixelis/artifacts';
import type { JsonValue } from '@pixelis/core';
import {
  captureEnvironment,
  type CapturedEnvironment,
  validateSeed,
} from '@pixelis/reproducibility';
import { createLogger } from '@pixelis/tracing';
import { checkEnvironment } from '../environment/check-environment';
import type { EnvironmentPolicyRecord } from '../environment/environment-policy';
import { unfinishedRun } from '../environment/unfinished-run';
import { DEFAULT_HARDWARE_INTERVAL_MS, HardwareMonitor } from '../hardware/hardware-monitor';
import { currentExperiment } from './current-experiment';
import { ExperimentContext } from './experiment-context';
import type { ExperimentOptions } from './experiment-options';
import { DEFAULT_JOB, mendRunFacts } from './mend-run-facts';
import { closeOnSignal } from './process-signals';

/**
 * Opens an experiment: captures the environment, begins or resumes its run, tells the catalog, and watches the hardware. To
 * be ended by `complete` or `fail`; `await using` closes it as failed if neither happened. Prefer `withExperiment`.
 *
 * Opened while another experiment is current, it is that one's child: it has the tag `parent_run_id`, and the audit trails
 * of both name the other.
 *
 * Whatever the rank of this process in its job, the experiment is recorded: of the ranks that work on one, open it on one
 * alone, and let the others add content by an `ArtifactManager` of their own.
 *
 * @throws {UsageError} As `openRun` does, such as `RUN_COMPLETE`; `SEED_INVALID`.
 * @throws {EnvironmentError} `ENVIRONMENT_DIFFERS` by `environmentPolicy`; then nothing was written.
 * @throws {DataError} If the output folder is unwritable or the disk full, or an environment lock is none.
 */
export async function openExperiment(options: ExperimentOptions = {}): Promise<ExperimentContext> {
  const { root = 'out', warn = warnByLogger, signals = 'close' } = options;
  const artifacts = options.artifacts ?? ArtifactManager.open({ root, rank: 0 });
  const seed = validateSeed(options.seed ?? 42);
  const job = options.job ?? DEFAULT_JOB;
  const name = options.name ?? null;
  const environment = captureEnvironment({
    level: options.captureLevel ?? 'standard',
    ...(options.folder === undefined ? {} : { folder: options.folder }),
  });
  const check = environmentCheck(options, { root, environment, warn });
  const expectedRun = check === undefined ? null : unfinishedRun(requestOf({ ...options, root }));
  let policy = check?.(expectedRun);
  await mendRunFacts(root, artifacts);
  const parent = currentExperiment();
  const run = beginRun({ ...options, root }, { environment, parent });
  let experiment: ExperimentContext | undefined;
  try {
    // Another one than expected, since somebody else took that.
    if (run.isResumed && run.runId !== expectedRun) policy = check?.(run.runId);
    if (environment.diff !== null) run.writeFile('environment.diff', environment.diff);
    await artifacts.recordRun({ run: referenceTo(run), job, name, status: 'RUNNING' });
    const monitor = startMonitor(run, options.hardwareIntervalMs ?? DEFAULT_HARDWARE_INTERVAL_MS);
    const facts = options.facts ?? {};
    const parts = { run, artifacts, environment, job, name, seed, facts, monitor, warn };
    experiment = new ExperimentContext(parts);
    if (signals === 'close') experiment.onEnd(closeOnSignal(experiment.stoppable));
    linkToParent(experiment, parent);
    if (policy !== undefined) experiment.event('environment_policy', policy);
    for (const { code, message, remedy } of environment.warnings)
      if (policy === undefined || code !== 'PACKAGES_DIFFER') warn(`${message}: ${remedy}`);
    return experiment;
  } catch (error) {
    if (experiment === undefined) run.fail(error);
    else await experiment.fail(error);
    throw error;
  }
}

/** Compares the environment as the options ask for, given the run that is resumed; undefined if they do not. */
function environmentCheck(
  { environmentPolicy: request, folder = process.cwd(), facts = {} }: ExperimentOptions,
  seen: { root: string; environment: CapturedEnvironment; warn: (message: string) => void },
): ((resumed: string | null) => EnvironmentPolicyRecord) | undefined {
  if (request === undefined) return undefined;
  const { root, environment: captured, warn } = seen;
  return (resumed) => checkEnvironment({ request, captured, folder, facts, root, resumed, warn });
}

/** Which run is asked for. */
function requestOf({ root, config = {}, runId, isNew }: ExperimentOptions & { root: string }) {
  return { root, config, runId, isNew: isNew ?? runId === undefined };
}

function beginRun(
  options: ExperimentOptions & { root: string },
  {
    environment,
    parent,
  }: { environment: CapturedEnvironment; parent: ExperimentContext | undefined },
): Run {
  const { name, tags } = options;
  const { root, config, runId, isNew } = requestOf(options);
  return openRun({
    root,
    config,
    rawConfig: options.rawConfig ?? config,
    resolvedConfig: options.resolvedConfig ?? config,
    isNew,
    ...(runId === undefined ? {} : { runId }),
    environment: describe(environment),
    tags: {
      job: options.job ?? DEFAULT_JOB,
      ...(name === undefined ? {} : { exp_name: name }),
      ...(parent === undefined ? {} : { parent_run_id: parent.runId }),
      ...tags,
    },
  });
}

function startMonitor(run: Run, intervalMs: number): HardwareMonitor | undefined {
  if (intervalMs === 0) return undefined;
  return new HardwareMonitor({ intervalMs, record: (values) => run.hardware(values) });
}

function linkToParent(experiment: ExperimentContext, parent: ExperimentContext | undefined): void {
  if (parent === undefined) return;
  experiment.event('parent_run', { run_id: parent.runId, run_uuid: parent.runUuid });
  if (parent.isOpen)
    parent.event('child_run', { run_id: experiment.runId, run_uuid: experiment.runUuid });
}

function referenceTo({ runId, runUuid }: Run) {
  return { runId, runUuid };
}

/** What `environment.json` holds: all but the diff, which has a file of its own. Its values are plain. */
function describe(environment: CapturedEnvironment): JsonValue {
  return JSON.parse(JSON.stringify({ ...environment, diff: undefined })) as JsonValue;
}

function warnByLogger(message: string): void {
  createLogger('experiment').warn(message);
}
