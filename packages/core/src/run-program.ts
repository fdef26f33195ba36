import { inspect } from 'node:util';
import { EXIT_CODES, PixelisError } from './errors';
import { redactSecrets } from './redact-secrets';
import { explainSystemError, isSystemError } from './system-error';

/** How {@link runProgram} reports. */
export interface RunProgramOptions {
  /** Whether a failure is also printed on stdout as one JSON object; asked when it happens. Default: never. */
  json?: () => boolean;
}

/** What a program says when it fails. */
interface Failure {
  readonly code: string;
  readonly message: string;
  readonly remedy: string;
  readonly exitCode: number;
}

/**
 * The frame of every program: runs `main` and ends the process with the number it gives (none is 0). A
 * {@link PixelisError} prints two lines on stderr, what is wrong and how to mend it, and gives its exit code; a full
 * disk or a lack of rights that nobody explained gives 4; anything else is a defect of the program and gives 1. The
 * errors of an `AggregateError` are joined by semicolons. A stack trace is printed only when the environment variable `DEBUG` is set. Secrets are left out of all of it. A reader that closes the pipe is no failure.
 */
export async function runProgram(
  main: () => Promise<number | undefined> | Promise<void>,
  options: RunProgramOptions = {},
): Promise<void> {
  ignoreClosedPipe(process.stdout);
  ignoreClosedPipe(process.stderr);
  let failure: Promise<void> | undefined;
  const fail = (error: unknown) => (failure ??= endInFailure(error, options));
  process.on('uncaughtException', (error) => void fail(error));
  const failUnfinished = () => void fail(new Error('end: main waits for what can no longer come'));
  process.on('beforeExit', failUnfinished);
  try {
    const exitCode = await main();
    process.off('beforeExit', failUnfinished);
    process.exitCode = typeof exitCode === 'number' ? exitCode : EXIT_CODES.done;
  } catch (error) {
    await fail(error);
  }
}

/** Ends the process even if a timer or a worker is left, since nobody is there to stop it any more. */
async function endInFailure(error: unknown, { json }: RunProgramOptions): Promise<void> {
  const failure = describe(error);
  const { code, exitCode } = failure;
  const message = oneLine(redactSecrets(failure.message));
  const remedy = oneLine(redactSecrets(failure.remedy));
  process.exitCode = exitCode;
  const lines = [`error: ${message}`, `remedy: ${remedy}`];
  if (process.env['DEBUG']) lines.push(redactSecrets(inspect(error)));
  await write(process.stderr, lines.join('\n'));
  if (json?.() === true) {
    const body = { error: { code, message, remedy, exit_code: exitCode } };
    await write(process.stdout, JSON.stringify(body));
  }
  process.exit(exitCode);
}

function describe(error: unknown): Failure {
  if (error instanceof PixelisError) return error;
  if (error instanceof AggregateError && error.errors.length > 0) {
    return join(error.errors.map(describe));
  }
  return explainSystemError(error) ?? defect(error);
}

/** All that is wrong at once, under the code of the gravest: a defect (1) before wrong usage (2) before the rest. */
function join(failures: readonly Failure[]): Failure {
  const gravest = failures.reduce((a, b) => (b.exitCode < a.exitCode ? b : a));
  const list = (texts: string[]) => [...new Set(texts)].join('; ');
  return {
    code: gravest.code,
    message: list(failures.map(({ message }) => message)),
    remedy: list(failures.map(({ remedy }) => remedy)),
    exitCode: gravest.exitCode,
  };
}

function defect(error: unknown): Failure {
  return {
    code: 'DEFECT',
    message: `unexpected ${String(error)}`,
    remedy: 'this is a defect of the program: set DEBUG=1 to see where, and report it',
    exitCode: EXIT_CODES.defect,
  };
}

function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\u2028\u2029]+/gu, ' ').trim();
}

function write(stream: NodeJS.WriteStream, line: string): Promise<void> {
  return new Promise((resolve) => {
    stream.write(`${line}\n`, () => resolve());
  });
}

function ignoreClosedPipe(stream: NodeJS.WriteStream): void {
  stream.on('error', (error) => {
    if (!isSystemError(error) || error.code !== 'EPIPE') throw error;
  });
}
