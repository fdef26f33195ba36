import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';

const PROGRAM = join(__dirname, 'program.cjs');

/** Bytes of content `index`, as the processes of these tests make them. */
export const { contentOf } = jest.requireActual<{ contentOf: (index: number) => Buffer }>(
  './contents.cjs',
);

/** How a process ended and what it said. */
export interface Ending {
  readonly code: number | null;
  readonly lines: readonly unknown[];
}

/** A process that works on a store. */
export interface Running {
  readonly child: ChildProcessByStdio<Writable, Readable, null>;
  /** Resolves when it said its first line. */
  readonly ready: Promise<unknown>;
  readonly ended: Promise<Ending>;
}

/** Starts a task of `program.cjs`, with a limit on the length of files, in blocks of 512 bytes, if there is one. */
export function start(args: readonly string[], { blocks }: { blocks?: number } = {}): Running {
  const command = [process.execPath, PROGRAM, ...args];
  const limited = blocks === undefined ? [] : ['sh', '-c', `ulimit -f ${blocks}; exec "$@"`, 'sh'];
  const [program = '', ...rest] = [...limited, ...command];
  const child = spawn(program, rest, { stdio: ['pipe', 'pipe', 'inherit'] });
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (part: string) => (text += part));
  const ended = once(child, 'close').then(([code]: unknown[]) => ({
    code: typeof code === 'number' ? code : null,
    lines: text
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line) as unknown),
  }));
  return { child, ready: once(child.stdout, 'data'), ended };
}
