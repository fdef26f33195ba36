import { RemoteError } from '@pixelis/core';
import type { SlurmTiming } from './slurm-launcher';
import { type QueuedTask, queuedTasks } from './slurm-queue';

/** Each look at a queue in which nothing has changed makes the time to the next so much longer. */
const BACKOFF = 1.5;

/** Looks at Slurm's queue now and then, and bears a controller that is away for a while. */
export class QueueWatch {
  readonly #timing: SlurmTiming;
  readonly #onNotice: (line: string) => void;
  #delayMs: number;
  #dueAtMs = 0;
  #silentSinceMs: number | undefined;
  #last = '';

  constructor(timing: SlurmTiming, onNotice: (line: string) => void) {
    this.#timing = timing;
    this.#onNotice = onNotice;
    this.#delayMs = timing.queueMs;
  }

  /** Something has changed: looks sooner. */
  hurry(): void {
    this.#delayMs = this.#timing.queueMs;
    this.#dueAtMs = Math.min(this.#dueAtMs, performance.now() + this.#delayMs);
  }

  /**
   * The tasks of jobs that are in the queue; undefined if it is not yet time to look, or the controller does not answer.
   *
   * @throws {RemoteError} If the controller has not answered for too long.
   */
  async look(names: readonly string[]): Promise<QueuedTask[] | undefined> {
    if (performance.now() < this.#dueAtMs) return undefined;
    const tasks = await this.#ask(names);
    const seen = JSON.stringify(tasks ?? this.#last);
    const hasChanged = seen !== this.#last;
    this.#last = seen;
    const { queueMs, slowestQueueMs } = this.#timing;
    this.#delayMs = hasChanged ? queueMs : Math.min(this.#delayMs * BACKOFF, slowestQueueMs);
    this.#dueAtMs = performance.now() + this.#delayMs;
    return tasks;
  }

  async #ask(names: readonly string[]): Promise<QueuedTask[] | undefined> {
    try {
      const tasks = await queuedTasks(names);
      if (this.#silentSinceMs !== undefined)
        this.#onNotice('the controller of Slurm answers again');
      this.#silentSinceMs = undefined;
      return tasks;
    } catch (error) {
      if (!(error instanceof RemoteError)) throw error;
      if (this.#silentSinceMs === undefined) this.#onNotice(`${error.message}; trials go on`);
      this.#silentSinceMs ??= performance.now();
      if (performance.now() - this.#silentSinceMs >= this.#timing.controllerMs) throw error;
      return undefined;
    }
  }
}
