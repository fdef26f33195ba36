import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

/** The program as it is built. */
export const MAIN = join(__dirname, '../../dist/main.js');

const TINY: Readonly<Record<string, string>> = {
  'training.steps': '8',
  'training.shards': '2',
  'training.warmup_steps': '2',
  'training.evaluate_every': '2',
  'training.evaluation_examples': '4',
  'training.test_examples': '4',
  'training.checkpoint_every': '3',
  'training.hash_every': '4',
  'data.batch_size': '8',
  'data.num_workers': '0',
  'model.dim': '8',
  'model.heads': '1',
  'model.encoder_layers': '1',
  'model.decoder_layers': '1',
  'curriculum.smoothing_window_size': '1',
  'curriculum.patience_cycles': '1',
  'curriculum.cooldown_cycles': '0',
  'curriculum.stages':
    '[{"name":"first","exit":{"metric":"accuracy/simple","threshold":0},"mixture":{"simple":1}},{"name":"second","mixture":{"simple":1,"medium":2}}]',
};

/** Arguments of the smallest run that has every part: evaluations, a stage that is left, checkpoints. */
export function tiny(changes: Readonly<Record<string, string>> = {}): string[] {
  return Object.entries({ ...TINY, ...changes }).map(([key, value]) => `${key}=${value}`);
}

/** None outlives its test, not even one that starts to train where it should refuse. */
const TIMEOUT_MS = 50_000;

/** How a program ended. */
export interface Ending {
  /** Null if a signal ended it. */
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** What {@link startTrain} starts with. */
export interface TrainOptions {
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
  /** @default {50_000} */
  readonly timeoutMs?: number;
  /** A program before `node`, such as a shell that limits it. */
  readonly wrapper?: readonly string[];
}

/** A program that runs. */
export interface RunningTrain {
  readonly child: ChildProcess;
  readonly ending: Promise<Ending>;
  /** Waits until something holds or the program has ended. @returns whether it holds */
  until(condition: () => boolean): Promise<boolean>;
  /** What has come on stderr so far. */
  stderr(): string;
}

/** Starts `train` with arguments after its first word, in a folder of its own. */
export function startTrain(args: readonly string[], options: TrainOptions): RunningTrain {
  const { cwd, env = {}, timeoutMs = TIMEOUT_MS, wrapper = [] } = options;
  const [command, ...rest] = [...wrapper, process.execPath, MAIN, ...args];
  const child = spawn(command!, rest, {
    cwd,
    env: { ...inheritedEnvironment(), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: timeoutMs,
    killSignal: 'SIGKILL',
  });
  const output = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output.stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (output.stderr += text));
  const ending = new Promise<Ending>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => resolve({ code, signal, ...output }));
  });
  return {
    child,
    ending,
    stderr: () => output.stderr,
    async until(condition) {
      while (!condition()) {
        if (child.exitCode !== null || child.signalCode !== null) return condition();
        await delay(5);
      }
      return true;
    },
  };
}

/** Runs `train` to its end. */
export function train(args: readonly string[], options: TrainOptions): Promise<Ending> {
  return startTrain(args, options).ending;
}

/** The runs of an output folder; none where there is no such folder. */
export function runsOf(out: string): string[] {
  const runs = join(out, 'runs');
  return existsSync(runs) ? readdirSync(runs).filter((name) => !name.startsWith('.')) : [];
}

/** The content of a file of a run. */
export function runFile(out: string, runId: string, path: string): Buffer {
  return readFileSync(join(out, 'runs', runId, path));
}

/** Without what would change the program: settings of this project, and colours. */
function inheritedEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(process.env).filter(
      ([name]) => !/^(PIXELIS__|DEBUG$|FORCE_COLOR$|NO_COLOR$|NODE_OPTIONS$)/.test(name),
    ),
  );
}
