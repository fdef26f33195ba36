import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

const packageRoot = join(__dirname, '..');
const binary = join(packageRoot, 'dist', 'matrix-product.wasm');

describe('the compiled kernels', () => {
  it('hold vector instructions, none of which is relaxed or a fused multiply-add', () => {
    const disassembler = join(
      packageOf('binaryen', packageOf('assemblyscript')),
      'bin',
      'wasm-dis',
    );
    const text = run(disassembler, [binary]);
    expect(text).toMatch(/f32x4\.mul/);
    expect(text).not.toMatch(/relaxed|fma|madd/i);
  });

  it('use the memory of tfjs and nothing else, and have no data or start of their own', () => {
    const module = new WebAssembly.Module(new Uint8Array(readFileSync(binary)));
    expect(WebAssembly.Module.imports(module)).toEqual([
      { module: 'env', name: 'memory', kind: 'memory' },
    ]);
    expect(
      WebAssembly.Module.exports(module)
        .map((one) => one.name)
        .sort(),
    ).toEqual(['addBias', 'memory', 'multiply', 'scratchBytes']);
    // Section ids of the format: 8 start, 11 data.
    expect(sectionIds(readFileSync(binary))).not.toContain(8);
    expect(sectionIds(readFileSync(binary))).not.toContain(11);
  });

  it('are the same bytes whenever they are built', () => {
    const folder = mkdtempSync(join(tmpdir(), 'kernels-'));
    try {
      const output = join(folder, 'matrix-product.wasm');
      run(join(packageOf('assemblyscript'), 'bin', 'asc.js'), buildArguments(output));
      expect(readFileSync(output).equals(readFileSync(binary))).toBe(true);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

/** The arguments of the target `assembly`, with another output. */
function buildArguments(output: string): string[] {
  const manifest = JSON.parse(readFileSync(join(packageRoot, 'package.json'), 'utf8')) as {
    nx: { targets: { assembly: { command: string } } };
  };
  const words = manifest.nx.targets.assembly.command.split(' ').slice(1);
  return words.map((word) => (word.endsWith('.wasm') ? output : word));
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
