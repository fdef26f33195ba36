import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { WORKSPACE_ROOT } from '../../src/workspace';
import type { Mistake } from './commands';

/** Programs as users start them, by what stands before the arguments. */
const PROGRAMS = {
  pixelis: 'apps/cli/bin/pixelis.js',
  train: 'apps/train/dist/main.js',
  evaluate: 'apps/evaluate/dist/main.js',
  sweep: 'apps/sweep/dist/main.js',
  'libtensorflow:install': 'tools/libtensorflow/dist/main.js',
} as const;

/** A program of the workspace. */
export type ProgramName = keyof typeof PROGRAMS;

/** How a program ended. */
export interface Ending {
  /** Null if it had to be ended. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** None may start to work where it should refuse. */
const TIMEOUT_MS = 40_000;

/** How {@link runProgram} runs a program. */
export interface RunProgramOptions {
  readonly cwd: string;
  /** Beside the plain environment. @default nothing */
  readonly env?: Readonly<Record<string, string>>;
  /** Folder of the checkout that the program is in. @default the workspace */
  readonly root?: string;
}

/** Runs a program to its end in a folder. */
export function runProgram(
  program: ProgramName,
  args: readonly string[],
  { cwd, env = {}, root = WORKSPACE_ROOT }: RunProgramOptions,
): Promise<Ending> {
  const child = spawn(process.execPath, [join(root, PROGRAMS[program]), ...args], {
    cwd,
    env: { ...plainEnvironment(), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: TIMEOUT_MS,
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

/** Without what would change how a program reads its configuration or how much it prints. */
function plainEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(process.env).filter(
      ([name]) => !/^(?:DEBUG|FORCE_COLOR|NO_COLOR|PIXELIS_(?!CACHE).*)$/.test(name),
    ),
  );
}

/** An option, as the help of a program tells it. */
export interface HelpOption {
  readonly name: string;
  /** Undefined for a flag. */
  readonly placeholder: string | undefined;
  /** Whether its help names the values that it may have. */
  readonly hasChoices: boolean;
}

/** Reads the options from the text that `--help` prints. */
export function optionsIn(help: string): HelpOption[] {
  // What stands further in goes on with the line above; a list of choices is broken behind a bar.
  const whole = help.replace(/\|\n {4,}/g, '|').replace(/\n {4,}/g, ' ');
  return Array.from(
    whole.matchAll(/^ {2}--([a-z][a-z0-9-]*)(?: ([A-Z][^ ]*))?(.*)$/gm),
    ([, name = '', placeholder, rest = '']) => ({
      name,
      placeholder,
      hasChoices: /\((?:\w+\|)+\w+[;)]/.test(rest),
    }),
  );
}

/** An option that is wrong, and what the message must say of it. */
export interface WrongOption {
  readonly args: readonly string[];
  readonly says: string;
}

/** Every mistake that can be made with these options, for one command line. */
export function wrongOptions(options: readonly HelpOption[]): WrongOption[] {
  const unknown = '--certainly-not';
  return [
    { args: [unknown], says: `Unknown option ${unknown}` },
    ...options.map(({ name, placeholder, hasChoices }): WrongOption => {
      const option = `--${name}`;
      if (placeholder === undefined) return { args: [`${option}=yes`], says: option };
      return placeholder === 'N' || hasChoices
        ? { args: [`${option}=certainly-not`], says: `${option} must be` }
        : { args: [option, unknown], says: `${option} needs a value` };
    }),
  ];
}

/** A command line in which no option has its value, since the next one begins before it; what the message must say of each. */
export function optionsWithoutValue(options: readonly HelpOption[]): WrongOption[] {
  const unknown = '--certainly-not';
  return [
    ...options
      .filter(({ placeholder }) => placeholder !== undefined)
      .map(({ name }) => ({ args: [`--${name}`], says: `--${name} needs a value` })),
    { args: [unknown], says: `Unknown option ${unknown}` },
  ];
}

/** The options that take the path of a file, of which no mistake has `folder` for it: the folder of that name in the world. */
export function untriedFileOptions(
  options: readonly HelpOption[],
  { mistakes }: { readonly mistakes: readonly Mistake[] },
): string[] {
  return options
    .filter(({ placeholder }) => placeholder === 'FILE')
    .map(({ name }) => `--${name} folder`)
    .filter((args) => !mistakes.some(([, line]) => `${line} `.includes(`${args} `)));
}

/** What users see of a mistake: two lines and nothing else. */
export const TWO_LINES = /^error: [^\n]+\nremedy: [^\n]+\n$/;

/** The same behind a report of what was found or done before. */
export const REPORT_AND_TWO_LINES = /^[^]*\nerror: [^\n]+\nremedy: [^\n]+\n$/;
