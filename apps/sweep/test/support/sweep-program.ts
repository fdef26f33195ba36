import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { inspectFileLock } from '@pixelis/core';
import { type SweepManifest, sweepManifestSchema } from '@pixelis/sweep';

const MAIN = join(__dirname, '../../dist/main.js');

/** The smallest model, trained for a moment, as environment variables of the programs. */
const TINY: Readonly<Record<string, string>> = {
  PIXELIS__TRAINING__STEPS: '4',
  PIXELIS__TRAINING__SHARDS: '2',
  PIXELIS__TRAINING__WARMUP_STEPS: '2',
  PIXELIS__TRAINING__EVALUATE_EVERY: '2',
  PIXELIS__TRAINING__EVALUATION_EXAMPLES: '4',
  PIXELIS__TRAINING__TEST_EXAMPLES: '4',
  PIXELIS__TRAINING__CHECKPOINT_EVERY: '2',
  PIXELIS__DATA__BATCH_SIZE: '8',
  PIXELIS__DATA__NUM_WORKERS: '0',
  PIXELIS__MODEL__DIM: '8',
  PIXELIS__MODEL__HEADS: '2',
  PIXELIS__MODEL__ENCODER_LAYERS: '1',
  PIXELIS__MODEL__DECODER_LAYERS: '1',
};

/** How a program ended. */
export interface Ending {
  /** Null if a signal ended it. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** How {@link SweepProgram} is started. */
export interface SweepProgramOptions {
  /** A program before `node`, such as a shell that limits it. */
  readonly wrapper?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** `sweep` as it is built, in a folder of its own. */
export class SweepProgram {
  readonly child: ChildProcess;
  readonly ending: Promise<Ending>;
  readonly #cwd: string;

  constructor(
    args: readonly string[],
    cwd: string,
    { wrapper = [], env = {} }: SweepProgramOptions = {},
  ) {
    this.#cwd = cwd;
    const [command = '', ...rest] = [...wrapper, process.execPath, MAIN, ...args];
    this.child = spawn(command, rest, {
      cwd,
      env: { ...inheritedEnvironment(), ...TINY, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: 120_000,
      killSignal: 'SIGKILL',
    });
    const output = { stdout: '', stderr: '' };
    this.child.stdout?.setEncoding('utf8').on('data', (text: string) => (output.stdout += text));
    this.child.stderr?.setEncoding('utf8').on('data', (text: string) => (output.stderr += text));
    this.ending = new Promise((resolve, reject) => {
      this.child.once('error', reject);
      this.child.once('close', (code) => resolve({ code, ...output }));
    });
  }

  /** Waits until something holds or the program has ended. */
  async until(condition: () => boolean): Promise<void> {
    while (!condition() && this.child.exitCode === null && this.child.signalCode === null) {
      await wait(5);
    }
  }

  /** Processes of trials that live. */
  trialPids(tag: string): number[] {
    const locks = join(this.#cwd, 'out', 'sweeps', tag, 'launcher', 'locks');
    if (!existsSync(locks)) return [];
    return readdirSync(locks)
      .map((name) => inspectFileLock(join(locks, name)))
      .flatMap(({ isProvedAlive, holder }) => (isProvedAlive && holder ? [holder.pid] : []));
  }
}

/** Runs `sweep` to its end. */
export function sweep(
  args: readonly string[],
  cwd: string,
  options: SweepProgramOptions = {},
): Promise<Ending> {
  return new SweepProgram(args, cwd, options).ending;
}

/** What the manifest of a sweep says, without what differs between equal ones. */
export function manifestOf(
  cwd: string,
  tag: string,
): Omit<SweepManifest, 'sweep_uuid' | 'created_at'> {
  const text = readFileSync(join(cwd, 'out', 'sweeps', tag, 'manifest.json'), 'utf8');
  sweepManifestSchema.parse(JSON.parse(text));
  return sweepManifestSchema
    .omit({ sweep_uuid: true, created_at: true })
    .strip()
    .parse(JSON.parse(text));
}

/** Without what would change the program: settings of this project, and colours. */
function inheritedEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(process.env).filter(
      ([name]) => !/^(PIXELIS__|DEBUG$|FORCE_COLOR$|NO_COLOR$|NODE_OPTIONS$)/.test(name),
    ),
  );
}
