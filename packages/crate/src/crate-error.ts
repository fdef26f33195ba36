import { DataError } from '@pixelis/core';

const REMEDY = 'Get the file again from where it was exported; nothing of it was imported.';

/** The file cannot be read as a zip. */
export function unreadable(file: string, reason: string, cause?: unknown): DataError {
  return crateError('CRATE_UNREADABLE', `${file} is no readable zip: ${reason}`, cause);
}

/** The file is made to harm: it names places outside, links, or more than it holds. */
export function unsafe(file: string, reason: string): DataError {
  return crateError('CRATE_UNSAFE', `${file} is not safe to unpack: ${reason}`);
}

/** The content is not what the index says. */
export function damaged(file: string, reason: string, cause?: unknown): DataError {
  return crateError('CRATE_DAMAGED', `${file} is damaged: ${reason}`, cause);
}

/** The parts do not make an experiment. */
export function inconsistent(file: string, reason: string, cause?: unknown): DataError {
  return crateError('CRATE_INCONSISTENT', `${file} does not hold an experiment: ${reason}`, cause);
}

function crateError(code: string, message: string, cause?: unknown): DataError {
  return new DataError(message, { code, remedy: REMEDY, cause });
}
