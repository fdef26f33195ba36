import { setTimeout as wait } from 'node:timers/promises';
import { RemoteError } from '@pixelis/core';
import type { LaunchOptions, TrialEnd, TrialTask } from '../launcher';
import { readTrialEnd, removeTrialEnd } from '../trial-end';
import { isTrialAlive } from '../trial-locks';
import { type ArrayTask, arrayChunks, arrayRange } from './array-chunks';
import { findSubmitted, type SubmittedTask } from './find-submitted';
import { isInterruption } from './interruption';
import { QueueWatch } from './queue-watch';
import type { SlurmTiming } from './slurm-launcher';
import {
  cancel,
  cancelPending,
  maxArraySize,
  type QueuedTask,
  queuedTasks,
  submitArray,
  terminate,
} from './slurm-queue';
import { Submission } from './submission';

/** What stays the same over all runs of a launcher. */
export interface SlurmSettings {
  /** Absolute folder of all submissions of the sweep. */
  readonly root: string;
  readonly jobs: number | undefined;
  readonly notifySeconds: number;
  readonly onNotice: (line: string) => void;
  /** The user's own options of sbatch. */
  readonly userArguments: readonly string[];
  readonly timing: SlurmTiming;
}

/** A trial that Slurm has been given, and what was seen of it. */
interface Place extends SubmittedTask {
  hasStarted: boolean;
  queued?: QueuedTask;
  /** When it was first found to have left the queue without a word. */
  goneAtMs?: number;
  isAskedToStop?: boolean;
  isForced?: boolean;
}

/** Reasons for which any job waits. */
const ORDINARY_REASONS = new Set([
  ...['', 'None', 'Priority', 'Resources', 'BeginTime', 'JobArrayTaskLimit', 'Cleaning', 'Prolog'],
]);
/** Until Slurm is asked again to take tasks, after it has taken none. */
const LATER_MS = 30_000;

/** One call of a launcher's `run`. */
export class SlurmRun {
  readonly #settings: SlurmSettings;
  readonly #launch: LaunchOptions;
  readonly #watch: QueueWatch;
  readonly #places = new Set<Place>();
  readonly #told = new Set<string>();
  #waiting: TrialTask[] = [];
  #maxArraySize: number | undefined;
  /** How many tasks Slurm may be given at once, as far as its refusals have shown. */
  #room = Infinity;
  #submitAtMs = 0;
  /** From when on what has not stopped is ended by force. */
  #stopAtMs: number | undefined;

  constructor(settings: SlurmSettings, launch: LaunchOptions) {
    this.#settings = settings;
    this.#launch = launch;
    this.#watch = new QueueWatch(settings.timing, settings.onNotice);
  }

  /** Settles when each task has ended or, after an abort, has stopped. */
  async run(tasks: readonly TrialTask[]): Promise<void> {
    const { signal } = this.#launch;
    for (const submitted of await findSubmitted(this.#settings.root, tasks)) this.#add(submitted);
    const adopted = new Set([...this.#places].map(({ task }) => task));
    this.#waiting = tasks.filter((task) => !adopted.has(task));
    for (;;) {
      if (signal.aborted) this.#waiting = [];
      else await this.#submitWaiting();
      this.#readEnds();
      if (this.#places.size > 0) await this.#readQueue();
      if (signal.aborted) await this.#stop();
      if (this.#waiting.length === 0 && this.#places.size === 0) return;
      await this.#pause();
    }
  }

  async #submitWaiting(): Promise<void> {
    const { jobs } = this.#settings;
    // The limit of an array holds for that array alone.
    const isHeld = () => jobs !== undefined && this.#places.size > 0;
    while (this.#waiting.length > 0 && !isHeld() && performance.now() >= this.#submitAtMs) {
      if (this.#launch.signal.aborted) return;
      this.#maxArraySize ??= await maxArraySize();
      const [chunk = []] = arrayChunks(this.#waiting, this.#maxArraySize);
      const part = chunk.slice(0, this.#room);
      const outcome = await this.#submit(part);
      if (outcome === 'submitted') {
        const submitted = new Set(part.map(({ task }) => task));
        this.#waiting = this.#waiting.filter((task) => !submitted.has(task));
      } else if (outcome === 'full' && part.length > 1) {
        this.#room = Math.floor(part.length / 2);
      } else {
        this.#submitAtMs = performance.now() + LATER_MS;
        if (outcome === 'full')
          this.#tell('Slurm takes no more jobs of yours for now: trials wait');
      }
    }
  }

  /** `unreachable` where the controller does not answer although it did before: its trials are there to be waited for. */
  async #submit(tasks: readonly ArrayTask[]): Promise<'submitted' | 'full' | 'unreachable'> {
    for (const { task } of tasks) if (!isTrialAlive(task)) removeTrialEnd(task);
    const submission = Submission.create(this.#settings.root, tasks);
    const job = await this.#sendArray(submission, tasks);
    if (job === 'full' || job === 'unreachable') {
      submission.abandon();
      return job;
    }
    submission.record(job.id);
    const trials = arrayRange(tasks.map(({ task }) => task.trial));
    this.#settings.onNotice(`submitted job ${job.id} (${submission.name}): trials ${trials}`);
    for (const task of tasks) this.#add({ ...task, submission });
    return 'submitted';
  }

  async #sendArray(
    submission: Submission,
    tasks: readonly ArrayTask[],
  ): Promise<{ id: string } | 'full' | 'unreachable'> {
    const { name, script, output } = submission;
    const indexes = tasks.map(({ index }) => index);
    try {
      const id = await submitArray({ ...this.#settings, name, script, output, indexes });
      return id === undefined ? 'full' : { id };
    } catch (error) {
      // Slurm may have taken the job although its answer was lost.
      if (error instanceof RemoteError && (await isThere(name))) return { id: name };
      if (error instanceof RemoteError && this.#places.size > 0) return 'unreachable';
      submission.abandon();
      throw error;
    }
  }

  #add(submitted: SubmittedTask): void {
    this.#places.add({ ...submitted, hasStarted: false });
    this.#watch.hurry();
  }

  /** What is on the disk need not wait for Slurm. */
  #readEnds(): void {
    for (const place of this.#places) {
      if (!place.hasStarted) continue;
      const end = readTrialEnd(place.task);
      // After an interruption the task may be on its way back into the queue.
      if (!isInterruption(end)) this.#settle(place, end);
    }
  }

  async #readQueue(): Promise<void> {
    const names = [...new Set([...this.#places].map(({ submission }) => submission.name))];
    const tasks = await this.#watch.look(names);
    if (tasks === undefined) return;
    const byKey = new Map(tasks.map((task) => [`${task.name} ${task.index}`, task]));
    for (const place of this.#places) {
      const task = byKey.get(`${place.submission.name} ${place.index}`);
      if (task === undefined) this.#leave(place);
      else this.#see(place, task);
    }
  }

  #see(place: Place, task: QueuedTask): void {
    const { trial } = place.task;
    const isPending = task.state === 'PENDING';
    if (isPending && place.queued !== undefined && place.queued.state !== 'PENDING') {
      this.#settings.onNotice(`trial ${trial} is back in the queue`);
    }
    if (!isPending) this.#start(place);
    else if (!ORDINARY_REASONS.has(task.reason)) {
      this.#tell(`job ${task.id.split('_')[0]} waits: ${task.reason}`);
    }
    place.queued = task;
    delete place.goneAtMs;
  }

  /** A task has left the queue; what it wrote last may still be on its way over the network. */
  #leave(place: Place): void {
    const end = readTrialEnd(place.task);
    place.goneAtMs ??= performance.now();
    const isDue = performance.now() - place.goneAtMs >= this.#settings.timing.diskMs;
    if (end !== null || isDue || this.#wantsAgain(place)) this.#settle(place, end);
    else this.#watch.hurry();
  }

  #settle(place: Place, end: TrialEnd | null): void {
    const { task, submission, index } = place;
    const isAgain = isInterruption(end) && this.#wantsAgain(place);
    const isKilled = end === null || end.signal === 'SIGKILL';
    const lastWord = isKilled ? submission.lastWord(index) : undefined;
    if (lastWord !== undefined) {
      this.#settings.onNotice(`trial ${task.trial} was lost; Slurm says: ${lastWord}`);
    }
    submission.close(index);
    this.#places.delete(place);
    if (![...this.#places].some((other) => other.submission === submission)) submission.remove();
    // There is room for another.
    this.#submitAtMs = 0;
    if (isAgain) {
      this.#waiting.push(task);
      return;
    }
    const wasCancelled = end === null && !place.hasStarted && this.#launch.signal.aborted;
    if (wasCancelled) return;
    this.#start(place);
    this.#launch.onEnd(task.trial, end);
  }

  #wantsAgain({ submission, index }: Place): boolean {
    return !this.#launch.signal.aborted && submission.wantsAgain(index);
  }

  #start(place: Place): void {
    if (place.hasStarted) return;
    place.hasStarted = true;
    this.#launch.onStart(place.task.trial);
  }

  /** Takes back what waits and asks what runs to stop; what does not is ended by force. */
  async #stop(): Promise<void> {
    this.#watch.hurry();
    const places = [...this.#places].filter(({ goneAtMs }) => goneAtMs === undefined);
    const isPending = ({ queued }: Place) => queued === undefined || queued.state === 'PENDING';
    const names = places.filter(isPending).map(({ submission }) => submission.name);
    if (names.length > 0) await cancelPending([...new Set(names)]);
    const unasked = places.filter(
      ({ queued, isAskedToStop }) => queued?.state === 'RUNNING' && isAskedToStop !== true,
    );
    // Those that end in the meantime make it fail, and are not there at the next look.
    const isHeard = unasked.length > 0 && (await terminate(unasked.flatMap(idOf)));
    for (const place of unasked) place.isAskedToStop = isHeard;
    this.#stopAtMs ??= performance.now() + this.#settings.timing.stopMs;
    if (performance.now() < this.#stopAtMs) return;
    const stubborn = places.filter(({ isForced }) => isForced !== true);
    if (stubborn.length > 0) await cancel(stubborn.flatMap(idOf));
    for (const place of stubborn) place.isForced = true;
  }

  #tell(line: string): void {
    if (this.#told.has(line)) return;
    this.#told.add(line);
    this.#settings.onNotice(line);
  }

  async #pause(): Promise<void> {
    const { signal } = this.#launch;
    const { tickMs } = this.#settings.timing;
    // Once aborted, the signal would end every pause at once.
    await wait(tickMs, undefined, signal.aborted ? {} : { signal }).catch(() =>
      this.#watch.hurry(),
    );
  }
}

function idOf({ queued }: Place): string[] {
  return queued === undefined ? [] : [queued.id];
}

/** Whether a job was submitted although sbatch heard no answer. */
async function isThere(name: string): Promise<boolean> {
  try {
    return (await queuedTasks([name])).length > 0;
  } catch (error) {
    if (error instanceof RemoteError) return false;
    throw error;
  }
}
