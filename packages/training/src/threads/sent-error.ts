import {
  DataError,
  EnvironmentError,
  IntegrityError,
  PixelisError,
  type PixelisErrorOptions,
  UsageError,
} from '@pixelis/core';

/** An error as plain data: sending it to another thread would lose its class. */
export interface SentError {
  readonly name: string;
  readonly message: string;
  readonly stack: string | undefined;
  /** Empty unless it is a {@link PixelisError}. */
  readonly code: string;
  readonly remedy: string;
}

const CLASSES: Readonly<
  Record<string, new (message: string, options: PixelisErrorOptions) => PixelisError>
> = { DataError, EnvironmentError, IntegrityError, UsageError };

/** Makes plain data of what was thrown. */
export function packError(thrown: unknown): SentError {
  const error = thrown instanceof Error ? thrown : new Error(String(thrown));
  const { name, message, stack } = error;
  const { code, remedy } = error instanceof PixelisError ? error : { code: '', remedy: '' };
  return { name, message, stack, code, remedy };
}

/** Makes an error again: those of Pixelis keep their class, anything else is a defect in `part`, such as `Training thread 3`. */
export function unpackError(
  { name, message, stack, code, remedy }: SentError,
  part: string,
): Error {
  const known = Object.hasOwn(CLASSES, name) ? CLASSES[name] : undefined;
  if (known !== undefined) return new known(message, { code, remedy });
  const cause = new Error(message);
  cause.name = name;
  if (stack !== undefined) cause.stack = stack;
  return new Error(`${part} failed: ${message}`, { cause });
}
