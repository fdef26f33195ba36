import { UsageError } from '@pixelis/core';

/**
 * For backends that train on one thread of JavaScript.
 *
 * @throws {UsageError} `THREADS_UNSUPPORTED` if there are several.
 */
export function requireOneThread(backend: string, threads = 1): void {
  if (threads === 1) return;
  throw new UsageError(`Backend "${backend}" cannot share its work among ${threads} threads`, {
    code: 'THREADS_UNSUPPORTED',
    remedy: 'use --backend wasm or cpu, or leave out --threads',
  });
}
