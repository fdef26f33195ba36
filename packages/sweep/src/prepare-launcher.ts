import type { SweepConfig } from '@pixelis/config';
import { UsageError } from '@pixelis/core';
import { SweepFolder } from './folder/sweep-folder';
import {
  availableCores,
  localCapacity,
  type LocalCapacityOptions,
} from './launchers/local-capacity';
import { createLocalLauncher } from './launchers/local-launcher';
import { createRayLauncher, pingRay } from './launchers/ray/ray-launcher';
import { createSlurmLauncher } from './launchers/slurm/slurm-launcher';
import { pingSlurm } from './launchers/slurm/slurm-queue';
import { estimateTrialMemory } from './launchers/trial-memory';
import type { LauncherContext, PreparedLauncher } from './run-sweep';

type SlurmOptions = Readonly<Record<string, string>>;

/** Where trials are to run. */
export interface LauncherChoice {
  readonly name: 'local' | 'slurm' | 'ray';
  /** Trials that run at once at most. @default as many as there is room for */
  readonly jobs?: number | undefined;
  /** Long options of `sbatch` without dashes. @default none */
  readonly slurmOptions?: SlurmOptions;
  /** Address of the dashboard of a Ray cluster. @default as Ray's own tools find it */
  readonly rayAddress?: string | undefined;
  /**
   * Memory that a trial takes, in bytes: bounds how many run at once here, and is what a cluster keeps free for each.
   * @default as `estimateTrialMemory` says here; on a cluster as that decides
   */
  readonly memoryPerTrialBytes?: number | undefined;
  /** Hears what the user should know, a line each. @default nobody */
  readonly onNotice?: (line: string) => void;
}

/** Backends whose library has threads of its own, on whose number the bits may depend. */
const NATIVE_BACKENDS: ReadonlySet<string> = new Set(['cpu', 'gpu', 'auto']);

/** A processor that Slurm and Ray keep free for a trial that nobody gave more. */
const CLUSTER_THREADS = 1;

const MEBIBYTE = 2 ** 20;

/**
 * Finds, before a sweep is begun, what is known to keep its trials from being launched: what {@link prepareLauncher} refuses, and a
 * cluster that cannot be reached. Changes nothing.
 *
 * @throws {UsageError} As `prepareLauncher`.
 * @throws {RemoteError} If Ray or the controller of Slurm does not answer.
 * @throws {EnvironmentError} `SLURM_MISSING` where there is no Slurm.
 */
export async function checkLauncher(choice: LauncherChoice, config: SweepConfig): Promise<void> {
  const folder = new SweepFolder({ out: '', tag: 'check' });
  const silent = { ...choice, onNotice: () => undefined };
  prepareLauncher(silent, { config, folder, trialsAtOnce: 1 });
  if (choice.name === 'slurm') await pingSlurm();
  if (choice.name === 'ray') await pingRay({ address: choice.rayAddress });
}

/**
 * Makes the launcher of a sweep, and sees to it that trials which run side by side share the cores: each is told its number of
 * threads, unless the configuration says it.
 *
 * @throws {UsageError} `SWEEP_THREADS_UNSET` if trials would run side by side whose results may depend on a number of threads that
 * nobody set; and what the launchers refuse.
 */
export function prepareLauncher(
  choice: LauncherChoice,
  { config, folder, trialsAtOnce }: LauncherContext & { readonly config: SweepConfig },
): PreparedLauncher {
  const { name, jobs, slurmOptions = {}, rayAddress, onNotice = () => undefined } = choice;
  const { memoryPerTrialBytes } = choice;
  if (name === 'local') return prepareLocal(choice, { config, trialsAtOnce });
  const { threads } = config.hardware;
  if (name === 'slurm') {
    const cores = threads ?? coresOf(slurmOptions);
    const options = {
      ...{ 'cpus-per-task': String(cores), ...memoryOptions(choice) },
      ...slurmOptions,
    };
    const directory = folder.launcherDirectory;
    return {
      launcher: createSlurmLauncher({ directory, jobs, options, onNotice }),
      options: threadOptions(config, cores),
    };
  }
  const cpusPerTrial = threads ?? CLUSTER_THREADS;
  const gpusPerTrial = config.hardware.backend === 'gpu' ? 1 : 0;
  return {
    launcher: createRayLauncher({
      ...{ tag: folder.tag, address: rayAddress, jobs, cpusPerTrial, gpusPerTrial },
      memoryPerTrialBytes,
    }),
    options: threadOptions(config, cpusPerTrial),
  };
}

function coresOf({ 'cpus-per-task': text = String(CLUSTER_THREADS) }: SlurmOptions): number {
  const cores = Number(text);
  if (Number.isSafeInteger(cores) && cores >= 1) return cores;
  throw new UsageError(`--slurm-option cpus-per-task=${text} is no number of cores`, {
    code: 'SLURM_OPTION_INVALID',
    remedy: 'give an integer from 1, such as cpus-per-task=4',
  });
}

/** Slurm counts in MiB, and takes one of its options about memory alone: the user's own counts. */
function memoryOptions({ memoryPerTrialBytes, slurmOptions = {} }: LauncherChoice): SlurmOptions {
  const isTold = Object.keys(slurmOptions).some((key) => key.startsWith('mem'));
  if (isTold || memoryPerTrialBytes === undefined) return {};
  return { mem: `${Math.ceil(memoryPerTrialBytes / MEBIBYTE)}M` };
}

function prepareLocal(
  { jobs, memoryPerTrialBytes, onNotice = () => undefined }: LauncherChoice,
  { config, trialsAtOnce }: { config: SweepConfig; trialsAtOnce: number },
): PreparedLauncher {
  const { threads, num_gpus: processes } = config.hardware;
  const native = areThreadsSet(config)
    ? undefined
    : backendsOf(config).find((backend) => NATIVE_BACKENDS.has(backend));
  const isUnset = native !== undefined;
  if (isUnset && jobs !== undefined && jobs > 1) throw threadsError(native, jobs);
  const wanted = isUnset ? 1 : jobs;
  const threadsPerTrial = Math.max(threads ?? 1, processes, 1);
  const most = { jobs: Math.min(wanted ?? Infinity, trialsAtOnce), threadsPerTrial };
  const launcher = createLocalLauncher(
    memoryPerTrialBytes === undefined
      ? withEstimatedMemory(most, config)
      : { ...most, memoryPerTrialBytes },
  );
  const { capacity } = launcher;
  if (jobs !== undefined && capacity.reason !== null) onNotice(capacity.reason);
  return { launcher, options: threadOptions(config, shareOf(capacity.jobs)) };
}

/** Cores for each of so many trials. */
function shareOf(jobs: number): number {
  return Math.max(1, Math.floor(availableCores() / jobs));
}

/** The fewer trials there is memory for, the more threads has each, and the more memory does it take. */
function withEstimatedMemory(
  most: Required<Pick<LocalCapacityOptions, 'jobs' | 'threadsPerTrial'>>,
  config: SweepConfig,
): LocalCapacityOptions {
  let { jobs } = localCapacity({ ...most, memoryPerTrialBytes: 1 });
  for (;;) {
    const [, told] = threadOptions(config, shareOf(jobs));
    const threads = Number(told ?? most.threadsPerTrial);
    const options = { ...most, memoryPerTrialBytes: estimateTrialMemory(config, threads) };
    const fitting = localCapacity(options).jobs;
    if (fitting >= jobs) return options;
    jobs = fitting;
  }
}

/** Only the threads of wasm are ours to give. */
function threadOptions(config: SweepConfig, share: number): string[] {
  if (areThreadsSet(config) || backendsOf(config).some((backend) => backend !== 'wasm')) return [];
  return ['--threads', String(Math.min(share, config.training.shards))];
}

function areThreadsSet({ hardware, sweep }: SweepConfig): boolean {
  return hardware.threads !== null || Object.hasOwn(sweep.space, 'hardware.threads');
}

/** What the trials compute on. */
function backendsOf({ hardware, sweep }: SweepConfig): string[] {
  const varied = sweep.space['hardware.backend'];
  return varied !== undefined && 'values' in varied
    ? varied.values.map(String)
    : [hardware.backend];
}

function threadsError(backend: string, jobs: number): UsageError {
  return new UsageError(
    `${jobs} trials at once on ${backend} would share the cores by chance, and results may depend on the threads of a trial`,
    {
      code: 'SWEEP_THREADS_UNSET',
      remedy: 'set the threads of a trial with --threads, or use --jobs 1',
    },
  );
}
