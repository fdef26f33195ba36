import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

interface Outcome {
  readonly passed: readonly string[];
  readonly failed: readonly string[];
}

interface ExpectedFailures {
  readonly reason: string;
  readonly tests: readonly string[];
}

/** Tests of tfjs that neither its own kernels nor ours pass, each group with the reason. */
const groups = JSON.parse(
  readFileSync(join(__dirname, 'tfjs', 'expected-failures.json'), 'utf8'),
) as ExpectedFailures[];
const expectedFailures = groups.flatMap(({ tests }) => tests);

describe("tfjs's own tests, over the wasm backend", () => {
  let folder = '';
  let ours: Outcome;
  let stock: Outcome;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'tfjs-tests-'));
    const names = join(folder, 'names.json');
    writeFileSync(names, JSON.stringify(expectedFailures));
    [ours, stock] = await Promise.all([runTests('ours'), runTests('stock', names)]);
  }, 300_000);

  afterAll(() => rmSync(folder, { recursive: true }));

  it('pass with our kernels, but for those listed, and all that are listed fail', () => {
    expect(unique(ours.failed)).toEqual(unique(expectedFailures));
    expect(ours.passed.length).toBeGreaterThan(4000);
  });

  it('lose none that pass with the kernels of tfjs: those listed fail there as well', () => {
    expect(stock.passed).toEqual([]);
    expect(unique(stock.failed)).toEqual(unique(expectedFailures));
  });

  it('have a reason for each failure that is expected', () => {
    for (const { reason, tests } of groups) {
      expect(reason).toMatch(/\w/);
      expect(tests).not.toEqual([]);
    }
    expect(new Set(expectedFailures).size).toBe(expectedFailures.length);
  });
});

async function runTests(kernels: 'ours' | 'stock', ...names: string[]): Promise<Outcome> {
  const script = join(__dirname, 'tfjs', 'run-tests.cjs');
  const { stdout } = await promisify(execFile)(process.execPath, [script, kernels, ...names], {
    maxBuffer: 1 << 26,
  });
  const lines = stdout.trim().split('\n');
  return JSON.parse(lines.at(-1) ?? '') as Outcome;
}

/** In order, once each: tfjs gives two tests the same name here and there. */
function unique(names: readonly string[]): string[] {
  return [...new Set(names)].sort();
}
