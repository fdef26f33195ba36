import { sep } from 'node:path';
import { pathToFileURL } from 'node:url';
import { explainSystemError, PixelisError, redactSecrets } from '@pixelis/core';
import { z } from 'zod';
import type { JsonObject } from './json-object';

/** How many errors that led to an error are recorded with it. */
const CAUSES_MAX = 8;

/** `stack` says where it was thrown; absent for what is no error, and for a run whose process just vanished. */
export const runErrorSchema = z.strictObject({
  code: z.string(),
  message: z.string(),
  stack: z.string().optional(),
});

/** Why a run failed, as `run.json` and its event `failed` hold it. */
export type RunError = z.infer<typeof runErrorSchema>;

/** What is said of a run whose process is gone. */
export const CRASH: Readonly<RunError> = Object.freeze({
  code: 'RUN_CRASHED',
  message: 'its process is gone',
});

/**
 * What is recorded of an error: its code, its message and its stack with those of its causes, without secrets, and
 * with paths inside the working folder relative to it.
 */
export function describeError(error: unknown): RunError {
  const known = error instanceof PixelisError ? error : explainSystemError(error);
  const code = known?.code ?? 'DEFECT';
  if (!(error instanceof Error)) return { code, message: publishable(String(error)) };
  const message = publishable(error.message);
  const stack = stackWithCauses(error);
  return stack === '' ? { code, message } : { code, message, stack: publishable(stack) };
}

/** The data of the event `failed`. */
export function failureData({ code, message, stack }: RunError): JsonObject {
  return stack === undefined ? { code, message } : { code, message, stack };
}

function stackWithCauses(error: Error): string {
  const stacks: string[] = [];
  for (
    let current: unknown = error;
    current instanceof Error && stacks.length <= CAUSES_MAX;
    current = current.cause
  ) {
    stacks.push(current.stack ?? `${current.name}: ${current.message}`);
  }
  return stacks.join('\ncaused by ');
}

function publishable(text: string): string {
  const folder = process.cwd();
  const prefixes = [`${pathToFileURL(folder).href}/`, folder.endsWith(sep) ? '' : folder + sep];
  const relative = prefixes.reduce(
    (rest, prefix) => (prefix === '' ? rest : rest.replaceAll(prefix, '')),
    text.toWellFormed(),
  );
  return redactSecrets(relative);
}
