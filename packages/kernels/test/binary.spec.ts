import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

const packageRoot = join(__dirname, '..');

/** The compiled kernels: those of the heap of tfjs, and those of the memory that threads share. */
const binaries = ['training-kernels.wasm', 'parameter-arena.wasm'];

describe.each(binaries)('%s', (name) => {
  const binary = join(packageRoot, 'dist', name);

  it('holds no instruction that is relaxed or a fused multiply-add', () => {
    const disassembler = join(
      packageOf('binaryen', packageOf('assemblyscript')),
      'bin',
      'wasm-dis',
    );
    expect(run(disassembler, [binary, '--all-features'])).not.toMatch(/relaxed|fma|madd/i);
  });

  it('uses the memory that it is given and nothing else, and has no data or start of its own', () => {
    const module = new WebAssembly.Module(new Uint8Array(readFileSync(binary)));
    expect(WebAssembly.Module.imports(module)).toEqual([
      { module: 'env', name: 'memory', kind: 'memory' },
    ]);
    // Section ids of the format: 8 start, 11 data.
    expect(sectionIds(readFileSync(binary))).not.toContain(8);
    expect(sectionIds(readFileSync(binary))).not.toContain(11);
  });

  it('is the same bytes whenever it is built', () => {
    const folder = mkdtempSync(join(tmpdir(), 'kernels-'));
    try {
      const output = join(folder, name);
      run(join(packageOf('assemblyscript'), 'bin', 'asc.js'), buildArguments(name, output));
      expect(readFileSync(output).equals(readFileSync(binary))).toBe(true);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

/** The arguments with which the target `assembly` makes a binary, with another output. */
function buildArguments(name: string, output: string): string[] {
  const manifest = JSON.parse(readFileSync(join(packageRoot, 'package.json'), 'utf8')) as {
    nx: { targets: { assembly: { command: string } } };
  };
  const command = manifest.nx.targets.assembly.command
    .split(' && ')
    .find((one) => one.endsWith(name));
  if (command === undefined) throw new Error(`the target assembly does not make ${name}`);
  return command
    .split(' ')
    .slice(1)
    .map((word) => (word.endsWith('.wasm') ? output : word));
}

function packageOf(name: string, from: string = packageRoot): string {
  return dirname(require.resolve(`${name}/package.json`, { paths: [from] }));
}

function run(script: string, scriptArguments: string[]): string {
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, ...scriptArguments], {
    cwd: packageRoot,
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`${script} ended with ${status}: ${stderr}`);
  return stdout;
}

/** Ids of the sections of a WebAssembly module: after 8 bytes of header, each has an id, a size in LEB128 and content. */
function sectionIds(bytes: Uint8Array): number[] {
  const ids: number[] = [];
  let offset = 8;
  while (offset < bytes.length) {
    ids.push(bytes[offset++]!);
    let size = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = bytes[offset++]!;
      size += (byte & 0x7f) << shift;
      if (byte < 0x80) break;
    }
    offset += size;
  }
  return ids;
}
