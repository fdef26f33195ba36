import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { WORKSPACE_ROOT } from '../workspace';

/** What a training must give equally everywhere, in its run's folder. */
const COMPARED_FILES = ['metrics.jsonl', 'chain.jsonl', 'checkpoints/final.safetensors'];

/** Seconds on a processor, half a minute in an emulator; sizes that are no multiples of a vector, and every part of a training. */
const SETTINGS: Readonly<Record<string, string>> = {
  'training.steps': '10',
  'training.shards': '3',
  'training.warmup_steps': '2',
  'training.evaluate_every': '2',
  'training.evaluation_examples': '4',
  'training.test_examples': '4',
  'training.checkpoint_every': '3',
  'training.hash_every': '1',
  'data.batch_size': '15',
  'data.num_workers': '0',
  'model.dim': '40',
  'model.heads': '2',
  'model.encoder_layers': '2',
  'model.decoder_layers': '1',
  'curriculum.smoothing_window_size': '1',
  'curriculum.patience_cycles': '1',
  'curriculum.cooldown_cycles': '0',
  'curriculum.stages': JSON.stringify([
    {
      name: 'first',
      exit: { metric: 'accuracy/simple', threshold: 0 },
      mixture: { simple: 1 },
    },
    { name: 'second', mixture: { simple: 1, medium: 2, hard: 1 } },
  ]),
};

const TIMEOUT_MS = 300_000;

/** How {@link trainSmall} trains. */
export interface SmallTrainingOptions {
  /** A folder of its own. */
  readonly out: string;
  readonly threads: number;
  /** Kill the training after its first checkpoint, and go on with this program. @default none: it runs through */
  readonly resumeWith?: readonly string[] | undefined;
}

/** SHA-256 of the files of a training, by their paths in the run's folder. */
export type TrainingDigests = ReadonlyMap<string, string>;

/**
 * Trains by `program`, Node.js with its options.
 *
 * @throws {Error} If the training fails, or is over before it could be killed.
 */
export async function trainSmall(
  program: readonly string[],
  { out, threads, resumeWith }: SmallTrainingOptions,
): Promise<TrainingDigests> {
  const main = join(WORKSPACE_ROOT, 'apps/train/dist/main.js');
  const settings = Object.entries(SETTINGS).map(([key, value]) => `${key}=${value}`);
  const words = ['sft', '--out', out, '--run-id', 'run', '--threads', String(threads), ...settings];
  const run = join(out, 'runs', 'run');
  const training = [main, ...words];
  if (resumeWith === undefined) {
    await runProgram([...program, ...training]);
  } else {
    const checkpoint = join(run, 'checkpoints', 'step-00000003.safetensors');
    await runProgram([...program, ...training], { killedWhen: checkpoint });
    await runProgram([...resumeWith, ...training]);
  }
  return digestsOf(run);
}

/**
 * One SHA-256 for all of them: that of what `sha256sum FILE...` prints, so that
 * `sha256sum metrics.jsonl … | sha256sum` in the folder of a run gives it too.
 */
export function digestOf(digests: TrainingDigests): string {
  const lines = [...digests].map(([file, sha256]) => `${sha256}  ${file}\n`);
  return createHash('sha256').update(lines.join('')).digest('hex');
}

/** The first file that differs, or that one of them lacks; undefined if all are equal. */
export function firstDifference(left: TrainingDigests, right: TrainingDigests): string | undefined {
  return COMPARED_FILES.find((file) => left.get(file) !== right.get(file));
}

function digestsOf(run: string): TrainingDigests {
  const present = COMPARED_FILES.filter((file) => existsSync(join(run, file)));
  return new Map(
    present.map((file) => [
      file,
      createHash('sha256')
        .update(readFileSync(join(run, file)))
        .digest('hex'),
    ]),
  );
}

interface RunProgramOptions {
  /** Kill it when there is such a file; it must not end by itself then. */
  readonly killedWhen?: string;
}

async function runProgram(
  [program = '', ...words]: readonly string[],
  { killedWhen }: RunProgramOptions = {},
): Promise<void> {
  const child = spawn(program, words, {
    env: inheritedEnvironment(),
    stdio: ['ignore', 'ignore', 'pipe'],
    signal: AbortSignal.timeout(TIMEOUT_MS),
    killSignal: 'SIGKILL',
  });
  let errors = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text));
  const ending = new Promise<string>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => {
      resolve(signal ?? `exit ${code}`);
    });
  });
  while (killedWhen !== undefined && child.exitCode === null && child.signalCode === null) {
    if (existsSync(killedWhen)) child.kill('SIGKILL');
    await Promise.race([ending, delay(2)]);
  }
  const end = await ending;
  if (killedWhen !== undefined && end === 'exit 0')
    throw new Error('it ended before it was killed');
  if (end !== (killedWhen === undefined ? 'exit 0' : 'SIGKILL')) {
    throw new Error(`${end}: ${errors.trim().split('\n').slice(-2).join(' ')}`);
  }
}

/** Without what would change the program. */
function inheritedEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(process.env).filter(
      ([name]) => !/^(?:PIXELIS_|NODE_OPTIONS$|DEBUG$|FORCE_COLOR$|NO_COLOR$)/.test(name),
    ),
  );
}
