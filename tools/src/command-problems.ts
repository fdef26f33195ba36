import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { WorkspaceProject } from './workspace';

/** What the commands of a document can refer to. */
export interface CommandWorld {
  readonly root: string;
  /** Names of the root's npm scripts. */
  readonly scripts: ReadonlySet<string>;
  readonly projects: readonly WorkspaceProject[];
}

/** Targets that nx infers from a project's files. */
const INFERRED_TARGETS = ['build', 'lint', 'test', 'typecheck'];

/** Programs that every reader has, and whose arguments name files that need not exist yet. */
const COMMON_PROGRAMS = new Set([
  'cat',
  'cd',
  'code',
  'diff',
  'echo',
  'git',
  'jq',
  'ls',
  'open',
  'sha256sum',
]);

/** Programs of others that the documents install from, compare with, start under or hand over to. */
const FOREIGN_PROGRAMS = new Set([
  'apt-get',
  'mlflow',
  'mpirun',
  'pip',
  'python',
  'ray',
  'sbatch',
  'scancel',
  'scontrol',
  'squeue',
  'srun',
  'wandb',
]);

const NPM_COMMANDS = new Set(['ci', 'install', 'test']);

const NX_COMMANDS = new Set([
  'affected',
  'affected:test',
  'graph',
  'run',
  'run-many',
  'sync',
  'show',
]);

/** A sentence for each command in `lines`, a block of shell, that does not exist in the workspace. */
export function commandProblems(lines: readonly string[], world: CommandWorld): string[] {
  return lines
    .join('\n')
    .replace(/\\\r?\n/g, ' ')
    .split('\n')
    .map((line) => line.replace(/^\$ /, '').replace(/'[^']*'|"[^"]*"/g, 'TEXT'))
    .map((line) => line.replace(/(?:^|\s)#.*$/, ''))
    .flatMap((line) => line.split(/&&|\|\||[;|]/))
    .map((command) => command.trim().split(/\s+/))
    .filter(([program]) => program !== undefined && program !== '')
    .filter((words) => !exists(dropVariables(words), world))
    .map((words) => `there is no command "${words.join(' ')}"`);
}

/** Leaves out `NAME=value` before a program. */
function dropVariables(words: readonly string[]): string[] {
  const first = words.findIndex((word) => !/^\w+=/.test(word));
  return words.slice(first);
}

function exists([program = '', ...words]: readonly string[], world: CommandWorld): boolean {
  const [first = '', second = ''] = words.filter((word) => word !== '--no');
  if (COMMON_PROGRAMS.has(program) || FOREIGN_PROGRAMS.has(program)) return true;
  if (program === 'npm') {
    return first === 'run' ? world.scripts.has(second) : npmCommandExists(first, second, world);
  }
  if (program === 'npx' && first === 'nx') return nxCommandExists(words.slice(1), world);
  if (program === 'npx') return existsSync(join(world.root, 'node_modules', '.bin', first));
  if (program === 'node') return existsSync(join(world.root, sourceOf(first)));
  return program.startsWith('./') || program.startsWith('.ci/')
    ? existsSync(join(world.root, program))
    : false;
}

function npmCommandExists(command: string, argument: string, world: CommandWorld): boolean {
  if (!NPM_COMMANDS.has(command)) return false;
  if (!argument.startsWith('@pixelis/')) return true;
  return world.projects.some(({ manifest }) => manifest.name === argument);
}

function nxCommandExists(
  [command = '', name = '']: readonly string[],
  world: CommandWorld,
): boolean {
  if (!NX_COMMANDS.has(command.replace(/:check$/, ''))) return false;
  if (command !== 'run') return true;
  const [projectName, target = ''] = name.split(':');
  const project = world.projects.find(({ manifest }) => manifest.project === projectName);
  return (
    project !== undefined && [...project.manifest.targets, ...INFERRED_TARGETS].includes(target)
  );
}

/** The source of a program that the build makes. */
function sourceOf(program: string): string {
  return program.replace(/\/dist\/(.*)\.js$/, '/src/$1.ts');
}
