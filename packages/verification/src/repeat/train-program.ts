import { type ChildProcess, spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  DataError,
  EnvironmentError,
  EXIT_CODES,
  IntegrityError,
  type JsonValue,
  type PixelisError,
  type PixelisErrorOptions,
  UsageError,
} from '@pixelis/core';
import { z } from 'zod';
import type { EnvironmentFacts } from '../record/environment-facts';

/** What is trained again, and how. */
export interface TrainAgainOptions {
  /** The built program `train`. */
  readonly main: string;
  /** An empty folder to train in. */
  readonly folder: string;
  /** The resolved configuration of the record. */
  readonly config: JsonValue;
  /** How much of the environment the record holds. */
  readonly captureLevel: EnvironmentFacts['level'];
  readonly threads?: number | undefined;
  /** Folder of the data, where it is not the recorded one. */
  readonly dataDirectory?: string | undefined;
  /** Train up to this step only. */
  readonly lastStep?: number | undefined;
  /** Ends the program at once. */
  readonly signal?: AbortSignal | undefined;
  /** Told what the program logs. */
  readonly onProgress?: ((message: string) => void) | undefined;
}

const RUN_ID = 'again';
const LEVELS = { basic: '1', standard: '2', complete: '3' } as const;
const STDERR_LENGTH_MAX = 2000;

const failureSchema = z.object({
  error: z.object({
    code: z.string(),
    message: z.string(),
    remedy: z.string(),
    exit_code: z.number(),
  }),
});
const logLineSchema = z.object({ message: z.string() });

/**
 * Trains once more by a recorded configuration, in a process of its own.
 *
 * @returns The folder of the run that it made.
 * @throws {PixelisError} What the program failed with.
 */
export async function trainAgain(options: TrainAgainOptions): Promise<string> {
  const { folder, config, main } = options;
  const settings = join(folder, 'settings.json');
  const out = join(folder, 'out');
  writeFileSync(settings, JSON.stringify(config));
  options.signal?.throwIfAborted();
  const child = spawn(process.execPath, [main, 'sft', ...argumentsOf(options, { settings, out })], {
    env: ownEnvironment(),
    stdio: ['ignore', 'pipe', 'pipe'],
    windowsHide: true,
  });
  const ending = await endingOf(child, options);
  options.signal?.throwIfAborted();
  if (ending.code !== EXIT_CODES.done) throw failureOf(ending);
  return join(out, 'runs', RUN_ID);
}

function argumentsOf(
  { captureLevel, threads, dataDirectory, lastStep }: TrainAgainOptions,
  { settings, out }: { settings: string; out: string },
): string[] {
  return [
    ...['--config', settings, '--out', out, '--run-id', RUN_ID, '--new'],
    ...['--capture-level', LEVELS[captureLevel], '--log-format', 'json', '--json'],
    ...(threads === undefined ? [] : ['--threads', String(threads)]),
    ...(lastStep === undefined ? [] : ['--stop-after', String(lastStep)]),
    ...(dataDirectory === undefined ? [] : [`data.directory=${JSON.stringify(dataDirectory)}`]),
  ];
}

/** Without settings of the project, since the record alone says what is trained. */
function ownEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !name.startsWith('PIXELIS_')),
  );
}

interface Ending {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function endingOf(child: ChildProcess, { signal, onProgress }: TrainAgainOptions): Promise<Ending> {
  const stop = () => void child.kill('SIGKILL');
  signal?.addEventListener('abort', stop);
  let stdout = '';
  let stderr = '';
  let line = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr = (stderr + text).slice(-STDERR_LENGTH_MAX);
    const lines = (line + text).split('\n');
    line = lines.pop() ?? '';
    for (const whole of lines) onProgress?.(messageOf(whole));
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => {
      signal?.removeEventListener('abort', stop);
      resolve({ code, stdout, stderr });
    });
  });
}

function messageOf(line: string): string {
  try {
    return logLineSchema.parse(JSON.parse(line)).message;
  } catch {
    return line;
  }
}

const ERRORS: Readonly<Record<number, new (m: string, o: PixelisErrorOptions) => PixelisError>> = {
  [EXIT_CODES.usage]: UsageError,
  [EXIT_CODES.environment]: EnvironmentError,
  [EXIT_CODES.data]: DataError,
  [EXIT_CODES.integrity]: IntegrityError,
};

function failureOf({ code, stdout, stderr }: Ending): Error {
  const lines = stdout.trim().split('\n');
  const { data } = failureSchema.safeParse(parseJson(lines.at(-1) ?? ''));
  if (data !== undefined) {
    const { error } = data;
    const Failure = ERRORS[error.exit_code];
    const message = `Training it again failed: ${error.message}`;
    if (Failure !== undefined) return new Failure(message, error);
  }
  if (code === null)
    return new EnvironmentError('Training it again was ended by the system', {
      code: 'TRAINING_KILLED',
      remedy: 'see whether memory or time ran out, and repeat the command',
    });
  return new Error(`train ended with ${code}: ${stderr.trim()}`);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
