/**
 * Exit codes of every Pixelis program. A signal that interrupts a program gives 128 plus its number:
 * 130 for SIGINT, 143 for SIGTERM.
 */
export const EXIT_CODES = {
  done: 0,
  defect: 1,
  usage: 2,
  environment: 3,
  data: 4,
  integrity: 5,
  remote: 6,
} as const;

/** What a {@link PixelisError} is made of. */
export interface PixelisErrorOptions {
  /** Stable, upper-case identifier that a program can branch on, such as `CONFIG_KEY_UNKNOWN`. */
  code: string;
  /** One line that says how to mend it. */
  remedy: string;
  /** The error that led to this one. */
  cause?: unknown;
}

/**
 * Base of every error that is not a defect of the program: it says what is wrong with which value (`message`), how to
 * mend it (`remedy`), and which exit code a program ends with (`exitCode`).
 */
export abstract class PixelisError extends Error {
  abstract readonly exitCode: number;
  readonly code: string;
  readonly remedy: string;

  constructor(message: string, options: PixelisErrorOptions) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = new.target.name;
    this.code = options.code;
    this.remedy = options.remedy;
  }
}

/** Wrong usage or configuration: an unknown option, key or name, a value out of range, a run id that is taken. */
export class UsageError extends PixelisError {
  readonly exitCode = EXIT_CODES.usage;
}

/** The machine or the installation lacks what was asked for. */
export class EnvironmentError extends PixelisError {
  readonly exitCode = EXIT_CODES.environment;
}

/** Data or disk: a data file missing, unreadable or damaged; an output folder unwritable or full. */
export class DataError extends PixelisError {
  readonly exitCode = EXIT_CODES.data;
}

/** Something that Pixelis itself wrote is broken, or a verification differs. */
export class IntegrityError extends PixelisError {
  readonly exitCode = EXIT_CODES.integrity;
}

/** A remote could not be reached. */
export class RemoteError extends PixelisError {
  readonly exitCode = EXIT_CODES.remote;
}

/** What an {@link Interruption} tells the user. */
export interface InterruptionOptions {
  /** What was kept, such as `the run x is kept at step 40`. */
  kept: string;
  /** One line that says how to resume. */
  remedy: string;
}

/** A signal asked the program to stop, and it did so at a place from which it can go on. */
export class Interruption extends PixelisError {
  readonly exitCode: number;

  constructor(signal: 'SIGINT' | 'SIGTERM', { kept, remedy }: InterruptionOptions) {
    super(`interrupted by ${signal}: ${kept}`, { code: 'INTERRUPTED', remedy });
    this.exitCode = signal === 'SIGINT' ? 130 : 143;
  }
}
