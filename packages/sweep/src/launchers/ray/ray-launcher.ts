import { setTimeout as wait } from 'node:timers/promises';
import { RemoteError, sha256 } from '@pixelis/core';
import { trialName, validateSweepTag } from '../../folder/sweep-names';
import { launchTasks, type TaskOutcome, type TaskRunner } from '../launch-tasks';
import type { Launcher, TrialEnd, TrialTask } from '../launcher';
import { logFailure } from '../log-failure';
import { sharedSignal } from '../shared-signal';
import { readTrialEnd, removeTrialEnd } from '../trial-end';
import { isTrialAlive } from '../trial-locks';
import { trialProcessPath } from '../trial-process-path';
import { RayClient, type RayJob, type RayJobRequest } from './ray-client';
import { shellQuote } from '../shell-quote';

/** Where and how trials run on a Ray cluster. */
export interface RayLauncherOptions {
  /** The sweep's tag: names its jobs, so that a later launcher finds them. */
  readonly tag: string;
  /** Address of the dashboard of the head node. Default: `RAY_API_SERVER_ADDRESS`, else `http://127.0.0.1:8265`. */
  readonly address?: string | undefined;
  /** Token of a cluster that wants one. Default: `RAY_AUTH_TOKEN`, else none. */
  readonly token?: string | undefined;
  /** How many trials are submitted at once; those that there is no room for wait in Ray. Default: 256. */
  readonly jobs?: number | undefined;
  /** Processors that Ray keeps free for a trial, which may be a fraction. Default: 1. */
  readonly cpusPerTrial?: number | undefined;
  /** GPUs that Ray keeps free for a trial, which may be a fraction. Default: 0. */
  readonly gpusPerTrial?: number | undefined;
  /** Memory that Ray keeps free for a trial, in bytes. Default: none. */
  readonly memoryPerTrialBytes?: number | undefined;
  /** How long a trial that is to stop may take before Ray kills it, in seconds. Default: 300. */
  readonly stopTimeoutS?: number | undefined;
  /** Variables for the trials, in addition to those of Ray's own processes. They are no place for secrets: the dashboard shows them. */
  readonly env?: Readonly<Record<string, string>> | undefined;
  /** Between two looks at the shared disk, in milliseconds. Ray itself is asked at every fifth. Default: 500. */
  readonly pollMs?: number | undefined;
  /**
   * How long the shared disk may lag behind what Ray says, and a job that waits for a place is waited for after an abort, in
   * milliseconds. Default: 30,000.
   */
  readonly patienceMs?: number | undefined;
}

/** Each job has a process of its own on the head node, and is looked after from here. */
const JOBS_DEFAULT = 256;

/** Looks at the shared disk for each question to Ray. */
const LOOKS = 5;

const ENDED: ReadonlySet<RayJob['status']> = new Set(['STOPPED', 'SUCCEEDED', 'FAILED']);

const UNASKED: RayJob = { status: 'RUNNING' };

/** Ray gave up to look for a place: by default after 15 minutes, which in a queue is no time. */
const NEVER_PLACED = Symbol('never placed');

const DEFAULT_ADDRESS = 'http://127.0.0.1:8265';

/**
 * Runs trials as jobs of a Ray cluster, through its REST interface. Every node must see the same output folder, the same
 * installation of Pixelis and the same Node under the same paths: what a trial prints and how it ended is read from there, and Ray
 * only says that a job has ended. Jobs that an earlier launcher of the sweep submitted are waited for.
 *
 * @throws {UsageError} `RAY_ADDRESS_INVALID`, or `SWEEP_TAG_INVALID`.
 */
export function createRayLauncher(options: RayLauncherOptions): Launcher {
  const client = clientOf(options);
  validateSweepTag(options.tag);
  return {
    name: 'ray',
    run: async (tasks, launch) => {
      const { signal } = launch;
      const ended = new Set(tasks.filter((task) => lookAtDisk(task).end !== null));
      const known = await client.jobs();
      const run = new RayRun({ client, options, signal, ended, known });
      try {
        await launchTasks(tasks, launch, run);
      } finally {
        run.leave();
      }
    },
  };
}

/**
 * Asks whether there is a Ray cluster that takes jobs.
 *
 * @throws {UsageError} `RAY_ADDRESS_INVALID`.
 * @throws {RemoteError} If nobody answers, or not as Ray does.
 */
export async function pingRay(options: Pick<RayLauncherOptions, 'address'>): Promise<void> {
  await clientOf(options).jobs();
}

function clientOf(options: Pick<RayLauncherOptions, 'address' | 'token'>): RayClient {
  const address = options.address ?? process.env['RAY_API_SERVER_ADDRESS'] ?? DEFAULT_ADDRESS;
  const token = options.token ?? process.env['RAY_AUTH_TOKEN'];
  return new RayClient({ address, token });
}

/** What {@link RayRun} works with. */
interface RayRunOptions {
  readonly client: RayClient;
  readonly options: RayLauncherOptions;
  readonly signal: AbortSignal;
  /** Tasks whose last process had ended before Ray was asked; Ray itself learns it a moment later. */
  readonly ended: ReadonlySet<TrialTask>;
  readonly known: readonly RayJob[];
}

/** What a job is followed for. */
interface FollowOptions {
  /** Undefined where a process runs that belongs to no job any more. */
  readonly id: string | undefined;
  readonly begun: () => void;
}

/** One run of the launcher. */
class RayRun implements TaskRunner {
  readonly jobs: number;
  readonly #client: RayClient;
  readonly #options: RayLauncherOptions;
  readonly #signal: AbortSignal;
  readonly #leaving = new AbortController();
  readonly #ended: ReadonlySet<TrialTask>;
  readonly #left = sharedSignal(this.#leaving.signal);
  /** Ends a pause early. */
  readonly #attention: AbortSignal;
  /** All jobs that the cluster knew of at the beginning, by submission id. */
  readonly #known: ReadonlyMap<string, RayJob>;

  constructor({ client, options, signal, ended, known }: RayRunOptions) {
    this.#ended = ended;
    this.#client = client;
    this.#options = options;
    this.#signal = signal;
    this.#attention = sharedSignal(signal, this.#left);
    this.jobs = options.jobs ?? JOBS_DEFAULT;
    this.#known = new Map(known.map((job) => [job.submission_id ?? '', job]));
  }

  /** Follows no job any longer. */
  leave(): void {
    this.#leaving.abort();
  }

  isRunning(task: TrialTask): boolean {
    const { isAlive, end } = lookAtDisk(task);
    if (isAlive || this.#ended.has(task)) return isAlive;
    return end !== null || this.#livingJob(task) !== undefined;
  }

  async adopt(task: TrialTask, begun: () => void): Promise<TaskOutcome> {
    const outcome = await this.#follow(task, { id: this.#livingJob(task), begun });
    return outcome === NEVER_PLACED ? null : outcome;
  }

  async start(task: TrialTask, begun: () => void): Promise<TaskOutcome> {
    for (let attempt = this.#lastAttempt(task) + 1; ; attempt++) {
      removeTrialEnd(task);
      const id = this.#submissionId(task, attempt);
      await this.#client.submit(this.#request(task, id));
      const outcome = await this.#follow(task, { id, begun });
      if (outcome !== NEVER_PLACED) return outcome;
      if (this.#signal.aborted) return undefined;
    }
  }

  #request(task: TrialTask, id: string): RayJobRequest {
    const { tag, cpusPerTrial = 1, gpusPerTrial = 0, stopTimeoutS = 300, env } = this.#options;
    const { memoryPerTrialBytes } = this.#options;
    return {
      submission_id: id,
      // Without exec a shell would stand between Ray's signals and the process that passes them on.
      entrypoint: `exec ${shellQuote([process.execPath, trialProcessPath(), JSON.stringify(task)])}`,
      entrypoint_num_cpus: cpusPerTrial,
      entrypoint_num_gpus: gpusPerTrial,
      ...(memoryPerTrialBytes !== undefined && { entrypoint_memory: memoryPerTrialBytes }),
      // Ray's process that stops the trial reads this in its own environment, which is also the trial's.
      runtime_env: { env_vars: { ...env, RAY_JOB_STOP_WAIT_TIME_S: String(stopTimeoutS) } },
      metadata: { pixelis_sweep: tag, pixelis_trial: String(task.trial) },
    };
  }

  /** Waits for what runs a trial. The shared disk is asked first: it costs Ray nothing. */
  async #follow(
    task: TrialTask,
    { id, begun }: FollowOptions,
  ): Promise<TaskOutcome | typeof NEVER_PLACED> {
    let hasAskedToStop = false;
    let abortedMs = 0;
    const { pollMs = 500, patienceMs = 30_000 } = this.#options;
    for (let look = 1; !this.#left.aborted; look++) {
      const { isAlive, end } = lookAtDisk(task);
      if (isAlive || end !== null) begun();
      if (end !== null) return end;
      const { aborted } = this.#signal;
      if (id === undefined) {
        // Nobody but Ray could stop it.
        if (!isAlive || aborted) return isAlive ? undefined : null;
      } else {
        if (aborted && !hasAskedToStop) await this.#client.stop(id);
        hasAskedToStop = aborted;
        const job = look % LOOKS === 0 || aborted ? await this.#client.job(id) : UNASKED;
        if (job === undefined || ENDED.has(job.status)) return this.#settle(task, job);
        if (job.status === 'PENDING' && abortedMs >= patienceMs) return undefined;
      }
      await pause(pollMs, hasAskedToStop ? this.#left : this.#attention);
      if (hasAskedToStop) abortedMs += pollMs;
    }
    return undefined;
  }

  /** Ray says that the job has ended, or knows it no longer; what it says itself counts only where the shared disk says nothing. */
  async #settle(
    task: TrialTask,
    job: RayJob | undefined,
  ): Promise<TaskOutcome | typeof NEVER_PLACED> {
    if (job?.error_type === 'JOB_SUPERVISOR_ACTOR_START_TIMEOUT') return NEVER_PLACED;
    const { pollMs = 500, patienceMs = 30_000 } = this.#options;
    for (let waitedMs = 0; ; waitedMs += pollMs) {
      const { isAlive, end } = lookAtDisk(task);
      if (end !== null) return end;
      const isLagging = hasEndedItself(job) && waitedMs < patienceMs;
      if (isAlive ? this.#signal.aborted : !isLagging) break;
      await wait(pollMs);
    }
    if (job?.status === 'STOPPED') return { exitCode: null, signal: 'SIGTERM' };
    if (job?.status !== 'FAILED') return null;
    logFailure(task.logPath, rayJobError(task, job));
    const exitCode = job.driver_exit_code ?? null;
    return exitCode === null || exitCode <= 0 ? null : { exitCode, signal: null };
  }

  #livingJob(task: TrialTask): string | undefined {
    const id = this.#submissionId(task, this.#lastAttempt(task));
    const status = this.#known.get(id)?.status;
    return status === 'PENDING' || status === 'RUNNING' ? id : undefined;
  }

  /** 0 if there was none. */
  #lastAttempt(task: TrialTask): number {
    let attempt = 0;
    while (this.#known.has(this.#submissionId(task, attempt + 1))) attempt++;
    return attempt;
  }

  /** Tells sweeps of one tag in different output folders apart. */
  #submissionId({ trial, lockPath }: TrialTask, attempt: number): string {
    const folder = sha256(lockPath).slice(0, 8);
    return `pixelis-${this.#options.tag}-${trialName(trial)}-${folder}-${attempt}`;
  }
}

/** How a trial ended is known only when none of its processes lives. */
function lookAtDisk(task: TrialTask): { readonly isAlive: boolean; readonly end: TrialEnd | null } {
  const isAlive = isTrialAlive(task);
  return { isAlive, end: isAlive ? null : readTrialEnd(task) };
}

/** Whether the wrapper itself came to its end, so that what it wrote will be seen sooner or later. */
function hasEndedItself(job: RayJob | undefined): boolean {
  if (job?.status === 'FAILED') return (job.driver_exit_code ?? -1) >= 0;
  return job?.status === 'SUCCEEDED';
}

function rayJobError({ trial }: TrialTask, { message }: RayJob): RemoteError {
  const said = (message ?? 'Ray does not say why').replace(/\s+/g, ' ').trim();
  return new RemoteError(`the Ray job of trial ${trial} failed: ${said.slice(-1000)}`, {
    code: 'RAY_JOB_FAILED',
    remedy: 'see that every node has the same output folder, Pixelis and Node under the same paths',
  });
}

/** Ends early, without an error, when the signal is aborted. */
async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await wait(ms, undefined, { signal }).catch(() => undefined);
}
