import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compileAddon, NODE_API_VERSION } from './compile-addon';
import { findCompiler } from './find-compiler';
import { thrownBy } from '../test/thrown-by';

let folder: string;
const environment = { ...process.env };

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'native-compile-'));
});
afterEach(() => {
  process.env = { ...environment };
  rmSync(folder, { recursive: true });
});

function onUnix(subject: string, tests: () => void): void {
  if (process.platform !== 'win32') describe(subject, tests);
}

describe('NODE_API_VERSION', () => {
  it('is one that this Node.js has', () => {
    expect(Number(process.versions['napi'])).toBeGreaterThanOrEqual(NODE_API_VERSION);
  });
});

onUnix('compileAddon()', () => {
  it('tells the compiler the sources, headers, libraries and folders to look in', async () => {
    const output = join(folder, 'deep', 'thing.node');

    const path = await compileAddon({
      name: 'thing',
      sources: ['a.cc', 'b.cc'],
      includes: ['/headers'],
      libraries: ['-lmpi'],
      rpath: ['$ORIGIN/lib'],
      output,
      compiler: ['node', compiler('for (const line of process.argv.slice(2)) out(line);')],
    });

    expect(path).toBe(output);
    const told = readFileSync(output, 'utf8').trim().split('\n');
    expect(told).toEqual(
      expect.arrayContaining([
        '-std=c++17',
        '-DNAPI_VERSION=8',
        '-DNODE_GYP_MODULE_NAME=thing',
        'a.cc',
        'b.cc',
        '/headers',
        '-lmpi',
        '-Wl,-rpath,$ORIGIN/lib',
      ]),
    );
    const nodeApi = told.find((line) => line.includes('node-api-headers')) ?? '';
    expect(existsSync(join(nodeApi, 'node_api.h'))).toBe(true);
    // What a library defines is looked up in what stands before it.
    expect(told.indexOf('-lmpi')).toBeGreaterThan(told.indexOf('b.cc'));
  });

  it('quotes what the compiler finds wrong, and leaves nothing', async () => {
    const failure = compileAddon({
      name: 'thing',
      sources: [],
      output: join(folder, 'thing.node'),
      compiler: [
        'node',
        compiler(
          "out('half'); console.error('a.cc: In function f:\\na.cc:3: error: no such thing\\n  3 | f'); process.exit(1);",
        ),
      ],
    });

    await expect(failure).rejects.toMatchObject({ code: 'COMPILATION_FAILED', exitCode: 3 });
    await expect(failure).rejects.toThrow(/failed with 1: a\.cc:3: error: no such thing$/);
    expect(readdirSync(folder)).toEqual(['compiler.js']);
  });

  it('keeps an earlier output when the compiler fails', async () => {
    const output = join(folder, 'thing.node');
    writeFileSync(output, 'earlier');

    const program = compiler("out('half'); process.exit(2);");
    await expect(
      compileAddon({ name: 'thing', sources: [], output, compiler: ['node', program] }),
    ).rejects.toThrow('failed with 2');

    expect(readFileSync(output, 'utf8')).toBe('earlier');
  });

  it('refuses a compiler that is not there', async () => {
    const missing = join(folder, 'no-compiler');

    await expect(
      compileAddon({ name: 'x', sources: [], output: join(folder, 'x'), compiler: [missing] }),
    ).rejects.toMatchObject({ code: 'COMPILER_MISSING' });
  });

  it('refuses an output that cannot be written', async () => {
    writeFileSync(join(folder, 'file'), '');

    await expect(
      compileAddon({
        name: 'x',
        sources: [],
        output: join(folder, 'file', 'x.node'),
        compiler: ['node', compiler('')],
      }),
    ).rejects.toMatchObject({ exitCode: 4 });
  });
});

onUnix('findCompiler()', () => {
  it('takes what CXX says, with its first arguments', () => {
    process.env['CXX'] = `${process.execPath}  --no-warnings`;

    expect(findCompiler()).toEqual([process.execPath, '--no-warnings']);
  });

  it('refuses a CXX that does not run', () => {
    process.env['CXX'] = join(folder, 'nothing');

    expect(thrownBy(() => findCompiler())).toMatchObject({ code: 'COMPILER_MISSING', exitCode: 3 });
  });

  it('takes the first compiler on the path that answers', () => {
    onlyOnPath('g++', 'clang++');

    expect(findCompiler()).toEqual(['g++']);
  });

  it('refuses where there is none, and says what to install', () => {
    onlyOnPath();

    expect(thrownBy(() => findCompiler())).toMatchObject({
      code: 'COMPILER_MISSING',
      remedy: expect.stringContaining('apt-get install g++') as unknown,
    });
  });
});

// Helpers

/** A program in place of a compiler; `out(line)` writes to what stands after `-o`. */
function compiler(body: string): string {
  const path = join(folder, 'compiler.js');
  const out = "(line) => require('fs').appendFileSync(process.argv.at(-1), line + '\\n')";
  writeFileSync(path, `const out = ${out};\n${body}\n`);
  return path;
}

function onlyOnPath(...names: string[]): void {
  process.env['CXX'] = '';
  process.env['PATH'] = folder;
  for (const name of names) {
    writeFileSync(join(folder, name), '#!/bin/sh\nexit 0\n');
    chmodSync(join(folder, name), 0o755);
  }
}
