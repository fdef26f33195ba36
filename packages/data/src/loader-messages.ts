import type { MessagePort } from 'node:worker_threads';
import { DataError, PixelisError, UsageError } from '@pixelis/core';
import type { DataLoaderOptions as SeedOptions } from '@pixelis/reproducibility';
import type { BatchRequest, DatasetOptions } from './dataset';

/** What a loader's worker thread is started with. */
export interface LoaderWorkerData {
  workerId: number;
  name: string;
  options: DatasetOptions;
  module: string | undefined;
  seedOptions: SeedOptions;
  /** Where the answers go. */
  replies: MessagePort;
}

/** Whether a worker's data come from a loader. */
export function isLoaderWorkerData(value: unknown): value is LoaderWorkerData {
  return (
    typeof value === 'object' &&
    value !== null &&
    'workerId' in value &&
    'name' in value &&
    'options' in value &&
    'seedOptions' in value &&
    'replies' in value
  );
}

/** What a loader sends to a worker. */
export type LoaderMessage =
  | { type: 'configure'; options: DatasetOptions }
  | { type: 'batch'; ticket: number; request: BatchRequest };

/** What a worker sends back. */
export type LoaderReply =
  | { type: 'batch'; ticket: number; pieces: unknown[] }
  | { type: 'error'; ticket: number; error: SentError };

/** An error as plain data: structured cloning would lose its class. */
export interface SentError {
  name: string;
  message: string;
  stack: string | undefined;
  code: string;
  remedy: string;
}

/** Makes plain data of what was thrown. */
export function packError(thrown: unknown): SentError {
  const error = thrown instanceof Error ? thrown : new Error(String(thrown));
  const isKnown = error instanceof PixelisError;
  return {
    name: error.name,
    message: error.message,
    stack: error.stack,
    code: isKnown ? error.code : '',
    remedy: isKnown ? error.remedy : '',
  };
}

/** Makes an error again: mistakes of the user keep their class, anything else is a defect in worker `workerId`. */
export function unpackError(sent: SentError, workerId: number): Error {
  const { name, message, stack, code, remedy } = sent;
  if (name === 'DataError') return new DataError(message, { code, remedy });
  if (name === 'UsageError') return new UsageError(message, { code, remedy });
  const cause = new Error(message);
  cause.name = name;
  if (stack !== undefined) cause.stack = stack;
  return new Error(`Loader worker ${workerId} failed: ${message}`, { cause });
}
