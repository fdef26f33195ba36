import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EnvironmentError, EXIT_CODES } from '@pixelis/core';
import { requireMpiBinding } from './mpi-binding';

/** Programs that start the ranks of a world, in the order in which they are tried. */
const STARTERS = ['mpirun', 'mpiexec'];

/** Set for processes that {@link launchUnderMpi} started: a file that rank 0 makes once it runs. */
const LAUNCHED_VARIABLE = 'PIXELIS_LAUNCHED';

/** Exit codes that a program of Pixelis gives by itself; any other means that it was ended. */
const OWN_CODES = new Set<number>([...Object.values(EXIT_CODES), 130, 143]);

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

/** After so many signals nobody waits for rank 0 to end in order. */
const PATIENCE = 2;

/** What {@link launchUnderMpi} starts. */
export interface LaunchOptions {
  /** Number of processes. */
  readonly count: number;
  /** Arguments of `node`: its own options, the program and the program's arguments. */
  readonly argv: readonly string[];
}

/**
 * Runs a program of Node as `count` processes of one world under `mpirun`, and gives the exit code of its rank 0. stdout and
 * stderr are those of this process. SIGINT and SIGTERM go to rank 0 alone, over its stdin, where {@link heedLauncher} hears
 * them: `mpirun` itself would kill all ranks. stdin of this process is not passed on.
 *
 * @throws {EnvironmentError} `MPI_MISSING` if there is no `mpirun`, `MPI_BINDING_MISSING` if the binding is not built,
 * `LAUNCH_FAILED` if `mpirun` gives up before rank 0 runs, `RANK_LOST` if a process was killed or could not be started.
 */
export async function launchUnderMpi({ count, argv }: LaunchOptions): Promise<number> {
  const starter = findStarter();
  requireMpiBinding();
  const args = [...starterOptions(starter.isOpenMpi), '-n', String(count), process.execPath];
  const begun = join(tmpdir(), `pixelis-launch-${randomUUID()}`);
  const child = spawn(starter.program, [...args, ...argv], {
    stdio: ['pipe', 'inherit', 'inherit'],
    env: { ...process.env, [LAUNCHED_VARIABLE]: begun },
    // In a process group of its own, Ctrl-C in the terminal does not reach it.
    detached: true,
  });
  const { code, signalled } = await endOf(child);
  const hasBegun = existsSync(begun);
  rmSync(begun, { force: true });
  // A rank's own failure is told by itself; that of a quiet mpirun by nobody.
  if (code === EXIT_CODES.defect && !hasBegun) throw launchFailed(starter.program, count);
  if (code !== null && OWN_CODES.has(code)) return code;
  if (signalled !== undefined) return signalled === 'SIGINT' ? 130 : 143;
  throw new EnvironmentError(
    `One of ${count} processes was lost: ${starter.program} ended with ${code ?? 'a signal'}`,
    {
      code: 'RANK_LOST',
      remedy:
        'repeat the command to resume the run from its last checkpoint; DEBUG=1 shows what mpirun says',
    },
  );
}

function launchFailed(program: string, count: number): EnvironmentError {
  return new EnvironmentError(`${program} ended before it had started ${count} processes`, {
    code: 'LAUNCH_FAILED',
    remedy: `repeat the command with DEBUG=1, which shows what ${program} says`,
  });
}

/** How `mpirun` ended, and the first signal that came in the meantime. */
interface Ending {
  readonly code: number | null;
  readonly signalled: (typeof SIGNALS)[number] | undefined;
}

async function endOf(child: ChildProcess): Promise<Ending> {
  const received: (typeof SIGNALS)[number][] = [];
  const handlers = SIGNALS.map((signal) => {
    const handler = (): void => {
      received.push(signal);
      child.stdin?.write(`${signal}\n`);
      if (received.length > PATIENCE) child.kill('SIGTERM');
    };
    process.on(signal, handler);
    return { signal, handler };
  });
  // Rank 0 may have ended when it is written to.
  child.stdin?.on('error', () => undefined);
  try {
    const code = await new Promise<number | null>((resolve, reject) => {
      child.once('error', reject);
      child.once('exit', resolve);
    });
    return { code, signalled: received[0] };
  } finally {
    child.stdin?.destroy();
    for (const { signal, handler } of handlers) process.off(signal, handler);
  }
}

/**
 * In rank 0 of what {@link launchUnderMpi} started, does the signals that the launcher has got as if they had come to this
 * process; where the launcher is gone, as if a SIGTERM had come. Does nothing in any other process.
 */
export function heedLauncher(rank: number): void {
  const begun = process.env[LAUNCHED_VARIABLE];
  if (rank !== 0 || begun === undefined) return;
  tellBegun(begun);
  let text = '';
  process.stdin.setEncoding('utf8');
  process.stdin.on('data', (more: string) => {
    const lines = (text + more).split('\n');
    text = lines.pop() ?? '';
    for (const line of lines) {
      const signal = SIGNALS.find((name) => name === line);
      if (signal !== undefined) raise(signal);
    }
  });
  process.stdin.on('end', () => {
    rmSync(begun, { force: true });
    raise('SIGTERM');
  });
  // Hearing keeps no process alive.
  process.stdin.unref();
}

function tellBegun(path: string): void {
  try {
    writeFileSync(path, '');
  } catch {
    // It matters only where the rank fails, which it then says itself.
  }
}

function raise(signal: (typeof SIGNALS)[number]): void {
  if (process.emit(signal, signal)) return;
  process.exit(signal === 'SIGINT' ? 130 : 143);
}

function findStarter(): { readonly program: string; readonly isOpenMpi: boolean } {
  for (const program of STARTERS) {
    const { status, stdout } = spawnSync(program, ['--version'], {
      encoding: 'utf8',
      env: process.env,
    });
    if (status === 0) return { program, isOpenMpi: /open ?mpi|open ?rte|prrte/i.test(stdout) };
  }
  throw new EnvironmentError(
    `There is no MPI to start processes: ${STARTERS.join(' and ')} do not run`,
    {
      code: 'MPI_MISSING',
      remedy: 'install one, on Debian: apt-get install openmpi-bin libopenmpi-dev',
    },
  );
}

function starterOptions(isOpenMpi: boolean): string[] {
  if (!isOpenMpi) return [];
  return [
    // Else its own lines follow ours wherever a program ends with another code than 0.
    ...(process.env['DEBUG'] ? [] : ['--quiet']),
    ...(process.getuid?.() === 0 ? ['--allow-run-as-root'] : []),
    // More processes than cores are welcome, and none is bound to a core: a library's number of threads, and with it its
    // bits, would follow from that.
    '--map-by',
    ':OVERSUBSCRIBE',
    '--bind-to',
    'none',
  ];
}
