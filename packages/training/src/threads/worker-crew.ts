import { Worker } from 'node:worker_threads';
import { EnvironmentError, workerEntry } from '@pixelis/core';
import type { SharedArena } from '@pixelis/kernels';
import type { ParameterSpecs } from '../parameters';
import type { StepOutcome } from './arena-thread';
import type { Crew, CrewTask } from './crew';
import type { ObjectiveModule } from './objective-module';
import { unpackError } from './sent-error';
import type { ThreadData, ThreadReply, ThreadTask } from './thread-messages';

/** What a {@link WorkerCrew} is made of. */
export interface WorkerCrewOptions {
  readonly arena: SharedArena;
  readonly specs: ParameterSpecs;
  readonly objective: ObjectiveModule;
}

interface Pending {
  /** Threads that are not done. */
  missing: number;
  resolve(outcome: StepOutcome): void;
  reject(error: Error): void;
}

/**
 * Worker threads, one for each thread of the arena, which take the shards of a step one by one. When one thread fails or
 * dies, all end, since the others wait for it; no step can be done then.
 */
export class WorkerCrew<Shard> implements Crew<Shard> {
  readonly #workers: readonly Worker[];
  #pending: Pending | undefined;
  #failure: Error | undefined;

  constructor({ arena, specs, objective }: WorkerCrewOptions) {
    this.#workers = Array.from({ length: arena.threads }, (_, thread) => {
      const workerData: ThreadData = { thread, arena, specs, objective };
      const worker = new Worker(workerEntry(__filename, 'arena-worker'), { workerData });
      worker.on('message', (reply: ThreadReply) => this.#settle(reply, thread));
      worker.on('messageerror', (cause) => this.#lose(thread, 'sent what cannot be read', cause));
      worker.on('error', (cause: unknown) => this.#lose(thread, messageOf(cause), cause));
      worker.on('exit', (code) => this.#lose(thread, `it ended with exit code ${code}`));
      // A trainer that nobody waits for keeps no process alive.
      worker.unref();
      return worker;
    });
  }

  get failure(): Error | undefined {
    return this.#failure;
  }

  step(task: CrewTask<Shard>): Promise<StepOutcome> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    const losses = new Float64Array(
      new SharedArrayBuffer(task.shards.length * Float64Array.BYTES_PER_ELEMENT),
    );
    return new Promise((resolve, reject) => {
      this.#pending = { missing: this.#workers.length, resolve, reject };
      const message: ThreadTask = { ...task, losses };
      for (const worker of this.#workers) {
        worker.ref();
        worker.postMessage(message);
      }
    });
  }

  async close(): Promise<void> {
    this.#fail(new Error('The trainer was disposed of'));
    await this.#end();
  }

  #settle(reply: ThreadReply, thread: number): void {
    if (reply.type === 'error') {
      this.#fail(unpackError(reply.error, `Training thread ${thread}`));
      return;
    }
    const pending = this.#pending;
    if (pending === undefined) return;
    pending.missing--;
    if (pending.missing > 0) return;
    this.#pending = undefined;
    for (const worker of this.#workers) worker.unref();
    pending.resolve(reply.outcome);
  }

  #lose(thread: number, reason: string, cause?: unknown): void {
    if (this.#failure !== undefined) return;
    this.#fail(
      new EnvironmentError(`Training thread ${thread} was lost: ${reason}`, {
        code: 'WORKER_LOST',
        remedy:
          'resume the run from its last checkpoint; if memory is short, lower hardware.threads',
        cause,
      }),
    );
  }

  /** Ends the step and all threads; the first reason counts. */
  #fail(error: Error): void {
    if (this.#failure !== undefined) return;
    this.#failure = error;
    const pending = this.#pending;
    this.#pending = undefined;
    void this.#end().then(() => pending?.reject(error));
  }

  async #end(): Promise<void> {
    // Whoever waits for their end must not see the process end first.
    for (const worker of this.#workers) worker.ref();
    await Promise.all(this.#workers.map((worker) => worker.terminate()));
  }
}

/** What comes from another thread need not be an instance of this one's Error. */
function messageOf(thrown: unknown): string {
  const hasMessage = typeof thrown === 'object' && thrown !== null && 'message' in thrown;
  return String(hasMessage ? thrown.message : thrown);
}
