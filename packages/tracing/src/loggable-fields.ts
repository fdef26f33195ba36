import { isError } from './is-error';

/** An error as a log keeps it. */
export interface LoggedError {
  /** Name of the class. */
  type: string;
  /** The message, followed by those of its causes. */
  message: string;
  code?: string;
  stack?: string;
}

/** Options of {@link loggableFields}. */
export interface LoggableFieldsOptions {
  /** Whether the stack of an error is kept. */
  withStacks: boolean;
}

/** The fields of a logging call as values that JSON can hold without loss: it has no errors, NaN, infinities or bigints. */
export function loggableFields(
  fields: object,
  { withStacks }: LoggableFieldsOptions,
): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fields).map(([key, value]: [string, unknown]) => {
      if (isError(value)) return [key, loggedError(value, withStacks)];
      const isUnwritable = typeof value === 'number' && !Number.isFinite(value);
      return [key, isUnwritable || typeof value === 'bigint' ? String(value) : value];
    }),
  );
}

/** Whether a value of a record is an error that {@link loggableFields} wrote. */
export function isLoggedError(value: unknown): value is LoggedError {
  if (typeof value !== 'object' || value === null) return false;
  if (!('type' in value && 'message' in value)) return false;
  return typeof value.type === 'string' && typeof value.message === 'string';
}

function loggedError(error: Error, withStack: boolean): LoggedError {
  return {
    type: error.name,
    message: messageWithCauses(error),
    ...('code' in error && typeof error.code === 'string' ? { code: error.code } : {}),
    ...(withStack && error.stack !== undefined ? { stack: error.stack } : {}),
  };
}

function messageWithCauses(error: Error): string {
  const messages: string[] = [];
  const seen = new Set<Error>();
  for (let at: unknown = error; isError(at) && !seen.has(at); at = at.cause) {
    seen.add(at);
    messages.push(at.message);
  }
  return messages.join(': ');
}
