import { type ChildProcess, spawn } from 'node:child_process';
import { Socket } from 'node:net';
import { createInterface } from 'node:readline';

/** How a {@link GpuReader} reads. */
export interface GpuReaderOptions {
  /** Time between two readings in milliseconds. */
  readonly intervalMs: number;
  /** The program and its first arguments. @default ['nvidia-smi'] */
  readonly command?: readonly [string, ...string[]];
}

const MEBIBYTE = 1_048_576;

/** What is asked of nvidia-smi (`nvidia-smi --help-query-gpu`), the key it gets and what its unit is multiplied by. */
const FIELDS = [
  { query: 'utilization.gpu', key: 'gpu_percent', factor: 1 },
  { query: 'memory.used', key: 'gpu_memory_bytes', factor: MEBIBYTE },
  { query: 'memory.total', key: 'gpu_memory_total_bytes', factor: MEBIBYTE },
  { query: 'temperature.gpu', key: 'gpu_temperature_celsius', factor: 1 },
  { query: 'power.draw', key: 'gpu_power_watts', factor: 1 },
] as const;

/** A reading older than this many intervals is of a program that hangs, and is not reported any more. */
const FRESH_INTERVALS = 2.5;

/**
 * Reads the use of NVIDIA's GPUs from one `nvidia-smi` that runs beside the program: starting one takes far longer than
 * a reading. Where there is none, or it ends, hangs or prints nonsense, there are simply no readings.
 */
export class GpuReader {
  readonly #freshMs: number;
  readonly #child: ChildProcess | undefined;
  readonly #readings = new Map<string, { atMs: number; values: Record<string, number> }>();

  constructor({ intervalMs, command = ['nvidia-smi'] }: GpuReaderOptions) {
    this.#freshMs = intervalMs * FRESH_INTERVALS;
    this.#child = this.#start(command, intervalMs);
  }

  /** The last values of each GPU, such as `gpu_percent/0`; without those that it does not tell. */
  read(): Record<string, number> {
    const oldestMs = performance.now() - this.#freshMs;
    const readings = [...this.#readings.values()].filter(({ atMs }) => atMs >= oldestMs);
    return Object.assign({}, ...readings.map(({ values }) => values)) as Record<string, number>;
  }

  /** Ends the program; one that hangs as well. */
  stop(): void {
    if (this.#child !== undefined) end(this.#child);
  }

  #start(command: readonly [string, ...string[]], intervalMs: number): ChildProcess | undefined {
    const [program, ...first] = command;
    const query = ['index', ...FIELDS.map((field) => field.query)].join(',');
    const args = [
      `--query-gpu=${query}`,
      '--format=csv,noheader,nounits',
      '-lms',
      String(intervalMs),
    ];
    try {
      const child = spawn(program, [...first, ...args], {
        stdio: ['ignore', 'pipe', 'ignore'],
        windowsHide: true,
      });
      endWithProcess(child);
      child.on('error', ignore);
      child.stdout.on('error', ignore);
      createInterface({ input: child.stdout }).on('line', (line) => this.#take(line));
      // Neither the program nor its pipe may keep this process running.
      child.unref();
      if (child.stdout instanceof Socket) child.stdout.unref();
      return child;
    } catch {
      return undefined;
    }
  }

  #take(line: string): void {
    const [index = '', ...cells] = line.split(',').map((cell) => cell.trim());
    if (!/^\d{1,4}$/.test(index)) return;
    const values: Record<string, number> = {};
    for (const [position, { key, factor }] of FIELDS.entries()) {
      const cell = cells[position] ?? '';
      // What a GPU does not know is `[N/A]` or `[Not Supported]`.
      if (/^\d+(?:\.\d+)?$/.test(cell)) values[`${key}/${index}`] = Number(cell) * factor;
    }
    this.#readings.set(index, { atMs: performance.now(), values });
  }
}

const children = new Set<ChildProcess>();

/** One listener for all of them, since a process that has many runs open would be warned of a leak. */
function endWithProcess(child: ChildProcess): void {
  if (children.size === 0) process.on('exit', endAll);
  children.add(child);
}

function endAll(): void {
  for (const child of children) end(child);
}

function end(child: ChildProcess): void {
  if (!children.delete(child)) return;
  if (children.size === 0) process.off('exit', endAll);
  // Without a process the system would take its number, 0, for the whole group that this process is in.
  if (child.pid !== undefined) child.kill('SIGKILL');
}

function ignore(): void {
  // A program that cannot be started, or whose pipe breaks, gives no readings.
}
