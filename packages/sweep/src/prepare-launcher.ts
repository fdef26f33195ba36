import type { SweepConfig } from '@pixelis/config';
import { UsageError } from '@pixelis/core';
import { availableCores } from './launchers/local-capacity';
import { createLocalLauncher } from './launchers/local-launcher';
import { createRayLauncher } from './launchers/ray/ray-launcher';
import { createSlurmLauncher } from './launchers/slurm/slurm-launcher';
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
  /** Hears what the user should know, a line each. @default nobody */
  readonly onNotice?: (line: string) => void;
}

/** Backends whose library has threads of its own, on whose number the bits may depend. */
const NATIVE_BACKENDS: ReadonlySet<string> = new Set(['cpu', 'gpu', 'auto']);

/** A processor that Slurm and Ray keep free for a trial that nobody gave more. */
const CLUSTER_THREADS = 1;

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
  if (name === 'local') return prepareLocal(choice, { config, trialsAtOnce });
  const { threads } = config.hardware;
  if (name === 'slurm') {
    const cores = threads ?? coresOf(slurmOptions);
    const options = { 'cpus-per-task': String(cores), ...slurmOptions };
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

function prepareLocal(
  { jobs, onNotice = () => undefined }: LauncherChoice,
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
  const launcher = createLocalLauncher({
    jobs: Math.min(wanted ?? Infinity, trialsAtOnce),
    threadsPerTrial,
  });
  const { capacity } = launcher;
  if (jobs !== undefined && capacity.reason !== null) onNotice(capacity.reason);
  const share = Math.max(1, Math.floor(availableCores() / capacity.jobs));
  return { launcher, options: threadOptions(config, share) };
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
