import {
  MessageChannel,
  type MessagePort,
  receiveMessageOnPort,
  Worker,
} from 'node:worker_threads';
import { workerEntry } from '@pixelis/core';
import type { BatchRequest, Dataset, DatasetOptions } from './dataset';
import { createDataset } from './dataset-registry';
import {
  type LoaderMessage,
  type LoaderReply,
  type LoaderWorkerData,
  unpackError,
} from './loader-messages';

/** Where a loader's batches are built. */
export interface BatchSource {
  build(request: BatchRequest): Promise<unknown[]>;
  /** Changes the data set's options for what is asked for from now on. */
  configure(options: DatasetOptions): void;
  /** Settles at once what was built meanwhile. */
  receive(): void;
  close(): Promise<void>;
}

/** Builds batches in the calling thread. */
export class LocalSource implements BatchSource {
  readonly #name: string;
  #dataset: Dataset<unknown>;

  constructor(name: string, options: DatasetOptions) {
    this.#name = name;
    this.#dataset = createDataset(name, options);
  }

  build(request: BatchRequest): Promise<unknown[]> {
    // What the data set throws rejects, as it does from a worker.
    return new Promise((resolve) => resolve(this.#dataset.batch(request)));
  }

  configure(options: DatasetOptions): void {
    this.#dataset = createDataset(this.#name, options);
  }

  receive(): void {
    // Nothing is built before it is asked for, nor later.
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

/** Builds batches in worker threads, which take turns. */
export class WorkerSource implements BatchSource {
  readonly #workers: readonly LoaderWorker[];
  #built = 0;

  constructor(numWorkers: number, data: Omit<LoaderWorkerData, 'workerId' | 'replies'>) {
    this.#workers = Array.from(
      { length: numWorkers },
      (_, workerId) => new LoaderWorker({ ...data, workerId }),
    );
  }

  build(request: BatchRequest): Promise<unknown[]> {
    const worker = this.#workers[this.#built++ % this.#workers.length];
    if (worker === undefined) throw new RangeError('Cannot build: there must be a worker');
    return worker.build(request);
  }

  configure(options: DatasetOptions): void {
    for (const worker of this.#workers) worker.configure(options);
  }

  receive(): void {
    for (const worker of this.#workers) worker.receive();
  }

  async close(): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker.close()));
  }
}

interface Pending {
  resolve: (pieces: unknown[]) => void;
  reject: (error: Error) => void;
}

/**
 * One worker thread and what it was asked for. Its answers come by a port of their own, which can be read without a turn of
 * the event loop: a step that blocks the thread for as long as it takes then finds the batches that were built meanwhile.
 */
class LoaderWorker {
  readonly #workerId: number;
  readonly #worker: Worker;
  readonly #replies: MessagePort;
  readonly #pending = new Map<number, Pending>();
  #ticket = 0;
  #failure: Error | undefined;

  constructor(data: Omit<LoaderWorkerData, 'replies'>) {
    const { port1, port2: replies } = new MessageChannel();
    this.#workerId = data.workerId;
    this.#replies = port1;
    this.#worker = new Worker(workerEntry(__filename, 'loader-worker'), {
      workerData: { ...data, replies } satisfies LoaderWorkerData,
      transferList: [replies],
    });
    port1.on('message', (reply: LoaderReply) => this.#settle(reply));
    port1.on('messageerror', (cause) => this.#fail('sent what cannot be read', cause));
    port1.unref();
    this.#worker.on('error', (cause: unknown) => {
      this.#fail(`failed: ${messageOf(cause)}`, cause);
    });
    this.#worker.on('exit', (code) => this.#fail(`ended with exit code ${code}`));
    // A loader that nobody waits for keeps no process alive.
    this.#worker.unref();
  }

  build(request: BatchRequest): Promise<unknown[]> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    const ticket = this.#ticket++;
    return new Promise((resolve, reject) => {
      this.#pending.set(ticket, { resolve, reject });
      this.#worker.ref();
      this.#send({ type: 'batch', ticket, request });
    });
  }

  configure(options: DatasetOptions): void {
    this.#send({ type: 'configure', options });
  }

  async close(): Promise<void> {
    this.#fail('was closed');
    // Whoever waits for the end must not see the process end first.
    this.#worker.ref();
    await this.#worker.terminate();
    this.#replies.close();
  }

  #send(message: LoaderMessage): void {
    this.#worker.postMessage(message);
  }

  #settle(reply: LoaderReply): void {
    const pending = this.#pending.get(reply.ticket);
    // An answer that nobody waits for must not let go of a thread whose end somebody waits for.
    if (pending === undefined) return;
    this.#pending.delete(reply.ticket);
    if (this.#pending.size === 0) this.#worker.unref();
    if (reply.type === 'batch') pending.resolve(reply.pieces);
    else pending.reject(unpackError(reply.error, this.#workerId));
  }

  /** Takes what has come, whether or not the event loop has turned since. */
  receive(): void {
    for (;;) {
      const received: { message: LoaderReply } | undefined = receiveMessageOnPort(this.#replies);
      if (received === undefined) return;
      this.#settle(received.message);
    }
  }

  /** Rejects all that was asked for and will be; the first reason counts. */
  #fail(reason: string, cause?: unknown): void {
    this.receive();
    this.#failure ??= new Error(`Loader worker ${this.#workerId} ${reason}`, { cause });
    for (const { reject } of this.#pending.values()) reject(this.#failure);
    this.#pending.clear();
  }
}

/** What comes from another thread need not be an instance of this one's Error. */
function messageOf(thrown: unknown): string {
  const hasMessage = typeof thrown === 'object' && thrown !== null && 'message' in thrown;
  return String(hasMessage ? thrown.message : thrown);
}
