import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** How `native-run.cjs` trains. */
interface NativeRun {
  readonly isDeterministic?: boolean;
  readonly isCompiled?: boolean;
  readonly threads?: number;
}

interface Outcome {
  readonly weights_sha256: string;
  readonly losses: readonly number[];
}

const CASES: [name: string, run: NativeRun][] = [
  ['eagerly', {}],
  ['eagerly in deterministic mode', { isDeterministic: true }],
  ['eagerly in deterministic mode on one thread', { isDeterministic: true, threads: 1 }],
  ['compiled', { isCompiled: true }],
  ['compiled in deterministic mode', { isCompiled: true, isDeterministic: true }],
];

describe('training on the backend "cpu" in fresh processes', () => {
  it.each(CASES)('gives the same bits twice: %s', async (_, run) => {
    const [first, second] = [await train(run), await train(run)];

    expect(first.losses).toHaveLength(10);
    expect(Math.min(...first.losses)).toBeLessThan(first.losses[0]!);
    expect(first.weights_sha256).toMatch(/^[0-9a-f]{64}$/);
    expect(second).toEqual(first);
  });
});

// Helpers

async function train(run: NativeRun): Promise<Outcome> {
  const program = join(__dirname, '../conformance/native-run.cjs');
  const { stdout } = await promisify(execFile)(process.execPath, [program, JSON.stringify(run)]);
  return JSON.parse(stdout) as Outcome;
}
