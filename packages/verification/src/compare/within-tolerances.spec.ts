import { recordTraining, type Training } from '../../test/support/record-training';
import { useTemporaryFolder } from '../../test/support/temporary-folder';
import type { Tensors } from '../../test/support/tensor-bytes';
import { readRunRecord } from '../record/run-record';
import { compareRuns } from './compare-runs';
import { TOLERANCES } from './tolerances';
import { withinTolerances } from './within-tolerances';

const temporaryFolder = useTemporaryFolder();

const root = temporaryFolder();
let a: string;
beforeAll(async () => {
  a = await recordTraining({ root, runId: 'a' });
});

describe('withinTolerances()', () => {
  it('leaves what is equal as it is', async () => {
    const stages = await compared({});
    expect(new Set(stages.map(({ status }) => status))).toEqual(new Set(['equal']));
  });

  it('calls losses, weights and accuracies close that are apart by less than allowed', async () => {
    const stages = await compared({
      change: (step, weights) => (step === 0 ? weights : scaled(weights, 1 + TOLERANCES.weights / 2)),
      loss: (step) => (1 + TOLERANCES.loss / 2) / step,
      results: { accuracy: 0.5 + TOLERANCES.accuracy / 2 },
    }); // prettier-ignore
    expect(statusOf(stages)).toMatchObject({
      initial_weights: 'equal',
      data_order: 'equal',
      checkpoints: 'differs',
      metrics: 'close',
      chain: 'unknown',
      final_weights: 'differs',
      results: 'close',
    });
    const closer = await compared({ change: nudged(1 + TOLERANCES.weights / 20) });
    expect(statusOf(closer)).toMatchObject({ checkpoints: 'close', final_weights: 'close' });
  });

  it('finds losses that are further apart, in the step in which they first are', async () => {
    const loss = (step: number) => (step < 4 ? 1 : 1 + 2 * TOLERANCES.loss) / step;
    const metrics = (await compared({ loss })).find(({ name }) => name === 'metrics');
    expect(metrics).toMatchObject({ status: 'differs', step: 4 });
    expect(metrics?.summary).toMatch(/^step 4: loss\/train is 0\.25 in A and 0\.255/);
  });

  it('finds weights that are no numbers', async () => {
    const broken = await compared({ change: nudged(NaN) });
    expect(statusOf(broken)).toMatchObject({ checkpoints: 'differs', final_weights: 'differs' });
  });

  it('finds accuracies that are further apart, unless they were measured on few examples', async () => {
    const results = { accuracy: 0.5 + 1.1 * TOLERANCES.accuracy };
    expect(statusOf(await compared({ results }))).toMatchObject({ results: 'differs' });
    expect(statusOf(await compared({ results }, 10))).toMatchObject({ results: 'close' });
    const other = { accuracy: 0.5, unheard: 1 };
    expect(statusOf(await compared({ results: other }))).toMatchObject({ results: 'differs' });
  });

  it('asks initial weights and batches for every bit, also of later steps than the first that differs', async () => {
    const initial = await compared({ change: (_, weights) => scaled(weights, 1 + 1e-6) });
    expect(statusOf(initial)).toMatchObject({ initial_weights: 'differs' });
    const late = await compared({
      change: nudged(1 + 1e-6),
      batch: (step) => (step === 5 ? 'another' : String(step)),
    });
    expect(late.find(({ name }) => name === 'data_order')).toMatchObject({
      status: 'differs',
      step: 5,
    });
  });

  it('finds lines that only one of them has, and tensors of another shape', async () => {
    expect(statusOf(await compared({ steps: 5 }))).toMatchObject({ metrics: 'differs' });
    const change = (_: number, weights: Tensors) => ({ ...weights, extra: [1] });
    expect(statusOf(await compared({ change }))).toMatchObject({
      checkpoints: 'differs',
      final_weights: 'differs',
    });
  });

  it('compares later steps by the means of a hundred losses, and their weights less narrowly', async () => {
    const long = { steps: 210, checkpointEvery: 105, hashEvery: 0 };
    const base = await recordTraining({ root, runId: 'long', ...long, loss: () => 1 });
    const late = (part: number) => (step: number) =>
      step <= TOLERANCES.earlySteps ? 1 : 1 + part * (step % 2 === 0 ? 3 : -1);
    const after =
      (factor: number): NonNullable<Training['change']> =>
      (step, weights) =>
        step === 205 ? scaled(weights, factor) : weights;
    const close = await compared({ ...long, loss: late(0.3) }, null, null, base);
    expect(statusOf(close)).toMatchObject({ metrics: 'close' });
    const far = await compared({ ...long, loss: late(1.5) }, null, null, base);
    expect(far.find(({ name }) => name === 'metrics')).toMatchObject({
      status: 'differs',
      step: 101,
    });
    const nudgedLate = await compared(
      { ...long, loss: () => 1, change: after(1.2) },
      null,
      null,
      base,
    );
    expect(statusOf(nudgedLate)).toMatchObject({ checkpoints: 'close', final_weights: 'close' });
    const other = await compared({ ...long, loss: () => 1, change: after(-1) }, null, null, base);
    expect(statusOf(other)).toMatchObject({ checkpoints: 'differs', final_weights: 'differs' });
  });

  it('looks at the steps up to a limit alone', async () => {
    const loss = (step: number) => (step <= 3 ? 1.0001 : 2) / step;
    const stages = await compared({ loss, change: nudged(1 + 1e-6) }, null, 3);
    expect(statusOf(stages)).toMatchObject({ metrics: 'close', checkpoints: 'close' });
  });
});

// Helpers

let count = 0;

/** A training beside one that is another in these things. */
async function compared(
  changes: Partial<Training>,
  testExamples: number | null = null,
  lastStep: number | null = null,
  base = a,
) {
  const b = await recordTraining({ root, runId: `b${++count}`, ...changes });
  const { stages } = compareRuns([base, b], lastStep === null ? {} : { lastStep });
  const records = [readRunRecord(base), readRunRecord(b)] as const;
  return withinTolerances(records, { stages, lastStep, testExamples }).filter(
    ({ name }) => !['code', 'environment', 'configuration', 'data'].includes(name),
  );
}

function statusOf(stages: Awaited<ReturnType<typeof compared>>): Record<string, string> {
  return Object.fromEntries(stages.map(({ name, status }) => [name, status]));
}

/** Changes the weights after the first step alone. */
function nudged(factor: number): NonNullable<Training['change']> {
  return (step, weights) => (step === 1 ? scaled(weights, factor) : weights);
}

function scaled(weights: Tensors, factor: number): Tensors {
  return Object.fromEntries(
    Object.entries(weights).map(([name, values]) => [
      name,
      values.map((value) => Math.fround(value * factor)),
    ]),
  );
}
