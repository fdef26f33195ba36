import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { rename, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { EnvironmentError, explainSystemError, isSystemError, makeFolderSync } from '@pixelis/core';
import { findCompiler } from './find-compiler';

/** The version of Node-API that addons are built for; every supported Node has it. */
export const NODE_API_VERSION = 8;

/** What {@link compileAddon} shall build. */
export interface CompileAddonOptions {
  /** Name of the module, an identifier of C. */
  readonly name: string;
  /** C++17 sources. */
  readonly sources: readonly string[];
  /** The file to write, such as `…/tfjs_binding.node`; its folder is made. */
  readonly output: string;
  /** Folders with headers, beside those of Node-API. @default {[]} */
  readonly includes?: readonly string[];
  /** Library files to link with, or options of the linker such as `-lmpi`. @default {[]} */
  readonly libraries?: readonly string[];
  /** Folders in which the libraries are looked for when the addon is loaded; `$ORIGIN` is the addon's own. @default {[]} */
  readonly rpath?: readonly string[];
  /** Program and first arguments. @default what {@link findCompiler} finds */
  readonly compiler?: readonly [string, ...string[]];
}

/** How many lines of the compiler a message quotes; the whole output is in the error's cause. */
const QUOTED_LINES = 6;

/**
 * Builds a Node-API addon by one call of the machine's C++ compiler. The output appears whole or not at all.
 *
 * @returns The output's path.
 * @throws {EnvironmentError} `COMPILER_MISSING` if there is no compiler, `COMPILATION_FAILED` if it refuses; the
 * message quotes its errors.
 * @throws {DataError} If the output's folder cannot be written.
 */
export async function compileAddon(options: CompileAddonOptions): Promise<string> {
  const [program, ...first] = options.compiler ?? findCompiler();
  const { output } = options;
  const folder = dirname(output);
  const temporary = join(folder, `.${basename(output)}-${randomBytes(6).toString('hex')}.tmp`);
  try {
    makeFolderSync(folder);
    await runCompiler(program, [...first, ...compilerArguments(options), '-o', temporary]);
    await rename(temporary, output);
    return output;
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw explainSystemError(error, { action: 'write', path: output }) ?? error;
  }
}

function compilerArguments(options: CompileAddonOptions): string[] {
  const { name, sources, includes = [], libraries = [], rpath = [] } = options;
  return [
    '-std=c++17',
    '-O2',
    '-fPIC',
    ...(process.platform === 'darwin' ? ['-bundle', '-undefined', 'dynamic_lookup'] : ['-shared']),
    `-DNAPI_VERSION=${NODE_API_VERSION}`,
    `-DNODE_GYP_MODULE_NAME=${name}`,
    ...[nodeApiIncludes(), ...includes].flatMap((folder) => ['-I', folder]),
    ...sources,
    ...libraries,
    ...rpath.map((folder) => `-Wl,-rpath,${folder}`),
  ];
}

function nodeApiIncludes(): string {
  return join(dirname(createRequire(__filename).resolve('node-api-headers')), 'include');
}

async function runCompiler(program: string, options: readonly string[]): Promise<void> {
  const { status, output } = await collect(program, options);
  if (status === 0) return;
  const errors = output.split('\n').filter((line) => /\b(error|undefined|cannot)\b/i.test(line));
  const lines = (errors.length > 0 ? errors : output.trim().split('\n')).slice(0, QUOTED_LINES);
  throw new EnvironmentError(
    `the C++ compiler "${program}" failed with ${status}: ${lines.map((line) => line.trim()).join('; ')}`,
    {
      code: 'COMPILATION_FAILED',
      remedy:
        'use a C++17 compiler (g++ 9 or later, clang 10 or later), named in CXX; DEBUG=1 shows its whole output',
      cause: new Error(`${[program, ...options].join(' ')}\n${output}`),
    },
  );
}

interface Collected {
  /** The exit status, or the signal that ended the program. */
  readonly status: number | string;
  readonly output: string;
}

function collect(program: string, options: readonly string[]): Promise<Collected> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, options, { stdio: ['ignore', 'pipe', 'pipe'] });
    const chunks: Buffer[] = [];
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
    }
    child.on('error', (error) => reject(isSystemError(error) ? missing(program, error) : error));
    child.on('close', (code, signal) =>
      resolve({ status: code ?? signal ?? 'no status', output: Buffer.concat(chunks).toString() }),
    );
  });
}

function missing(program: string, cause: Error): EnvironmentError {
  return new EnvironmentError(`the C++ compiler "${program}" does not run: ${cause.message}`, {
    code: 'COMPILER_MISSING',
    remedy: 'set CXX to a C++17 compiler',
    cause,
  });
}
