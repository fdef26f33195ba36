import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** Chains of multiplications and additions that do not wait for each other; with their two constants they fill the registers. */
const CHAINS = 13;
const LANES = 4;
/** Rounds of one call: some tens of microseconds. */
const ROUNDS = 4000;

/** Rounds of c = c · x + y. */
type Loop = (rounds: number, x: number, y: number) => number;

/** Measures what one thread computes at most: c = c · x + y in four lanes, all in registers, as multiplication and addition. */
export class MultiplyAddPeak {
  /** Gigaflops of the best call so far. */
  best = 0;

  private constructor(private readonly run: Loop) {}

  /** Compiles the loop, which is no part of the package. */
  static create(): MultiplyAddPeak {
    const folder = mkdtempSync(join(tmpdir(), 'peak-'));
    try {
      writeFileSync(join(folder, 'peak.ts'), source());
      const compiler = join(
        dirname(require.resolve('assemblyscript/package.json')),
        'bin',
        'asc.js',
      );
      const options = ['-O3', '--enable', 'simd', '--runtime', 'stub', '--noAssert'];
      const { status, stderr } = spawnSync(
        process.execPath,
        [compiler, 'peak.ts', ...options, '-o', 'peak.wasm'],
        { cwd: folder, encoding: 'utf8' },
      );
      if (status !== 0) throw new Error(`the loop of the peak was not compiled: ${stderr}`);
      const module = new WebAssembly.Module(
        new Uint8Array(readFileSync(join(folder, 'peak.wasm'))),
      );
      const { run } = new WebAssembly.Instance(module).exports;
      if (!isLoop(run)) throw new Error('the loop of the peak has no function run');
      return new MultiplyAddPeak(run);
    } finally {
      rmSync(folder, { recursive: true });
    }
  }

  /** Measures for a while. */
  measure(ms: number): void {
    const end = performance.now() + ms;
    while (performance.now() < end) {
      const start = performance.now();
      // x below 1 and y above 0 keep all values normal.
      this.run(ROUNDS, 0.5, 0.25);
      const gigaflops = (2 * CHAINS * LANES * ROUNDS) / (performance.now() - start) / 1e6;
      this.best = Math.max(this.best, gigaflops);
    }
  }
}

function source(): string {
  const chains = Array.from({ length: CHAINS }, (_, index) => `c${index}`);
  return `
    export function run(rounds: i32, x: f32, y: f32): f32 {
      const s = f32x4.splat(x), t = f32x4.splat(y);
      let ${chains.map((c, index) => `${c} = f32x4.splat(${index})`).join(', ')};
      do {
        ${chains.map((c) => `${c} = f32x4.add(f32x4.mul(${c}, s), t);`).join('\n')}
      } while (--rounds > 0);
      return f32x4.extract_lane(${chains.reduce((sum, c) => `f32x4.add(${sum}, ${c})`)}, 0);
    }`;
}

function isLoop(value: WebAssembly.ExportValue | undefined): value is Loop {
  return typeof value === 'function';
}
