import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

const APPS = join(__dirname, '../../..');
const TRAIN = [join(APPS, 'train/dist/main.js'), 'sft'];
const EVALUATE = [join(APPS, 'evaluate/dist/main.js')];

/** The smallest model that answers some questions right, as settings of the configuration. */
const TINY: Readonly<Record<string, string>> = {
  'training.steps': '60',
  'training.shards': '2',
  'training.warmup_steps': '2',
  'training.learning_rate': '0.01',
  'training.evaluate_every': '60',
  'training.evaluation_examples': '4',
  'training.test_examples': '60',
  'training.checkpoint_every': '60',
  'data.batch_size': '8',
  'data.num_workers': '0',
};

/** The shape of that model. */
export const TINY_SHAPE: readonly string[] = [
  'model.dim=8',
  'model.heads=1',
  'model.encoder_layers=1',
  'model.decoder_layers=1',
];

/** How many questions of a level a test asks. */
export const EXAMPLES = 'training.test_examples=60';

/** How a program ended. */
export interface Ending {
  /** Null if a signal ended it. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A program that runs. */
export interface RunningProgram {
  readonly child: ChildProcess;
  readonly ending: Promise<Ending>;
  /** Waits until stderr holds something, or the program has ended. */
  until(text: string): Promise<void>;
}

/** Trains the smallest model. @returns What it printed. */
export async function trainTiny(
  cwd: string,
  args: readonly string[] = [],
): Promise<{ run_id: string; results: Readonly<Record<string, unknown>> }> {
  const settings = Object.entries(TINY).map(([key, value]) => `${key}=${value}`);
  const { ending } = start([...TRAIN, ...settings, ...TINY_SHAPE, '--json', ...args], cwd);
  const { code, stdout, stderr } = await ending;
  if (code !== 0) throw new Error(`Training failed: ${stderr}`);
  return JSON.parse(stdout) as Awaited<ReturnType<typeof trainTiny>>;
}

/** Runs `evaluate` to its end. */
export function evaluate(args: readonly string[], cwd: string): Promise<Ending> {
  return startEvaluate(args, cwd).ending;
}

/** Starts `evaluate`. */
export function startEvaluate(args: readonly string[], cwd: string): RunningProgram {
  return start([...EVALUATE, ...args], cwd);
}

function start(args: readonly string[], cwd: string): RunningProgram {
  const child = spawn(process.execPath, args, {
    cwd,
    env: inheritedEnvironment(),
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: 50_000,
    killSignal: 'SIGKILL',
  });
  const output = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output.stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (output.stderr += text));
  const ending = new Promise<Ending>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, ...output }));
  });
  return {
    child,
    ending,
    async until(text) {
      while (!output.stderr.includes(text) && child.exitCode === null && child.signalCode === null)
        await delay(5);
    },
  };
}

/** Without what would change the program: settings of this project, and colours. */
function inheritedEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(process.env).filter(
      ([name]) => !/^(PIXELIS__|DEBUG$|FORCE_COLOR$|NO_COLOR$|NODE_OPTIONS$)/.test(name),
    ),
  );
}
