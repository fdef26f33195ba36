import { spawn } from 'node:child_process';
import { join } from 'node:path';

const WORKSPACE = join(__dirname, '..', '..', '..', '..');

/** The programs as they are built, by what a reader of the documents calls them. */
const PROGRAMS: Readonly<Record<string, readonly string[]>> = {
  'npx --no pixelis': [join(WORKSPACE, 'apps/cli/bin/pixelis.js')],
  'npx nx run train:sft --': [join(WORKSPACE, 'apps/train/dist/main.js'), 'sft'],
  'npx nx run evaluate:default --': [join(WORKSPACE, 'apps/evaluate/dist/main.js')],
};

/** The smallest model, trained for a moment, as environment variables of the programs. */
export const TINY: Readonly<Record<string, string>> = {
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
  PIXELIS__MODEL__HEADS: '1',
  PIXELIS__MODEL__ENCODER_LAYERS: '1',
  PIXELIS__MODEL__DECODER_LAYERS: '1',
};

/** How a program ended. */
export interface Ending {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Where a program runs. */
export interface ProgramOptions {
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** Runs `pixelis` with arguments. */
export function pixelis(args: readonly string[], options: ProgramOptions): Promise<Ending> {
  return runNode([...(PROGRAMS['npx --no pixelis'] ?? []), ...args], options);
}

/** Runs a command as a document writes it: one of the programs, without quotes. */
export function runDocumented(command: string, options: ProgramOptions): Promise<Ending> {
  const called = Object.keys(PROGRAMS).find((name) => `${command} `.startsWith(`${name} `));
  if (called === undefined) throw new Error(`Cannot run: ${command}`);
  const args = command.slice(called.length).trim().split(/\s+/).filter(Boolean);
  return runNode([...(PROGRAMS[called] ?? []), ...args], options);
}

function runNode(args: readonly string[], { cwd, env = {} }: ProgramOptions): Promise<Ending> {
  const child = spawn(process.execPath, args, {
    cwd,
    env: { ...inheritedEnvironment(), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: 60_000,
    killSignal: 'SIGKILL',
  });
  const output = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output.stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (output.stderr += text));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, ...output }));
  });
}

/** Without what would change the program: settings of this project, and colours. */
function inheritedEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(process.env).filter(
      ([name]) => !/^(PIXELIS__|DEBUG$|FORCE_COLOR$|NO_COLOR$|NODE_OPTIONS$)/.test(name),
    ),
  );
}
