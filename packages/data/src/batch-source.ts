import { Worker } from 'node:worker_threads';
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

  close(): Promise<void> {
    return Promise.resolve();
  }
}

/** Builds batches in worker threads, which take turns. */
export class WorkerSource implements BatchSource {
  readonly #workers: readonly LoaderWorker[];
  #built = 0;

  constructor(numWorkers: number, data: Omit<LoaderWorkerData, 'workerId'>) {
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

  async close(): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker.close()));
  }
}

interface Pending {
  resolve: (pieces: unknown[]) => void;
  reject: (error: Error) => void;
}

/** One worker thread and what it was asked for. */
class LoaderWorker {
  readonly #workerId: number;
  readonly #worker: Worker;
  readonly #pending = new Map<number, Pending>();
  #ticket = 0;
  #failure: Error | undefined;

  constructor(workerData: LoaderWorkerData) {
    const { workerId } = workerData;
    this.#workerId = workerId;
    this.#worker = new Worker(workerEntry(__filename, 'loader-worker'), { workerData });
    this.#worker.on('message', (reply: LoaderReply) => this.#settle(reply));
    this.#worker.on('messageerror', (cause) => this.#fail('sent what cannot be read', cause));
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

  /** Rejects all that was asked for and will be; the first reason counts. */
  #fail(reason: string, cause?: unknown): void {
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
