import { spawnSync } from 'node:child_process';
import { EnvironmentError } from '@pixelis/core';

/** Tried in this order where the environment variable `CXX` names none. */
const COMPILERS = ['c++', 'g++', 'clang++'];

/**
 * The machine's C++ compiler as a program and its first arguments: what the environment variable `CXX` says (such as
 * `ccache g++`), else the first of `c++`, `g++` and `clang++` that answers.
 *
 * @throws {EnvironmentError} `COMPILER_MISSING` if there is none.
 */
export function findCompiler(): [string, ...string[]] {
  const chosen = process.env['CXX']?.trim();
  const candidates = chosen ? [chosen] : COMPILERS;
  for (const candidate of candidates) {
    const [program = candidate, ...options] = candidate.split(/\s+/);
    if (answers(program, options)) return [program, ...options];
  }
  throw new EnvironmentError(
    chosen
      ? `the C++ compiler "${chosen}", which CXX names, does not run`
      : `no C++ compiler is found: ${COMPILERS.join(', ')} do not run`,
    {
      code: 'COMPILER_MISSING',
      remedy: chosen
        ? 'set CXX to a C++17 compiler, or unset it'
        : 'install one, such as g++ (apt-get install g++, dnf install gcc-c++), or name it in CXX',
    },
  );
}

function answers(program: string, options: readonly string[]): boolean {
  return (
    spawnSync(program, [...options, '--version'], { stdio: 'ignore', env: process.env }).status ===
    0
  );
}
