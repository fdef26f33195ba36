/** A programmer's argument, as a message names it. */
export interface NamedArgument {
  /** What cannot be done with it, such as `open a run`. */
  action: string;
  /** Its name, and where it is a member the way to it, such as `options.root`. */
  name: string;
}

/** The error of a wrong argument: `Cannot open a run: root must be a text: current value is 7`. */
export function argumentError(
  action: string,
  problem: { rule: string; value: unknown },
): TypeError {
  return new TypeError(
    `Cannot ${action}: ${problem.rule}: current value is ${describe(problem.value)}`,
  );
}

/** Refuses what is no text, such as the missing path of a caller in JavaScript. @throws {TypeError} */
export function requireText(value: unknown, { action, name }: NamedArgument): void {
  if (typeof value !== 'string')
    throw argumentError(action, { rule: `${name} must be a text`, value });
}

/** Refuses what is no object, or is a list. @throws {TypeError} */
export function requireRecord(value: unknown, { action, name }: NamedArgument): void {
  if (!isRecord(value)) throw argumentError(action, { rule: `${name} must be an object`, value });
}

/** Refuses what is missing where a JSON value must be. @throws {TypeError} */
export function requireValue(value: unknown, { action, name }: NamedArgument): void {
  if (value === undefined)
    throw argumentError(action, { rule: `${name} must be a JSON value`, value });
}

/** Whether a value is an object that is no list. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function describe(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value);
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' && value !== null ? 'an object' : String(value);
}
