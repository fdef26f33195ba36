import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { environmentOf, recordTraining, type Training } from '../../test/support/record-training';
import { useTemporaryFolder } from '../../test/support/temporary-folder';
import type { Tensors } from '../../test/support/tensor-bytes';
import { thrownBy } from '../../test/support/thrown-by';
import { compareRuns, type RunComparison } from './compare-runs';
import type { StageName } from './stage';

const temporaryFolder = useTemporaryFolder();

describe('compareRuns()', () => {
  it('finds two runs equal that differ in name, time and machine alone', async () => {
    const found = await compare({}, {});
    expect(found).toMatchObject({ verdict: 'equal', first: null, cause: null, runIds: ['a', 'b'] });
    expect(new Set(found.stages.map(({ status }) => status))).toEqual(new Set(['equal']));
  });

  it('finds the first step whose weights part, the tensor, and its values at the next checkpoint', async () => {
    const found = await compare({}, { change: atStep(2, addTo('layer.weight', 1, 2 ** -20)) });
    expect(found.verdict).toBe('differs');
    expect(found.first).toMatchObject({
      stage: 'chain',
      step: 2,
      sharedStep: 1,
      parts: ['weights'],
      tensor: 'layer.weight',
      values: { step: 3, difference: { tensor: 'layer.weight', largest: { index: [1] } } },
    });
    expect(found.cause).toMatchObject({ class: 'kernel' });
  });

  it('takes the values from the checkpoint of that very step where there is one', async () => {
    const found = await compare({}, { change: atStep(3, addTo('layer.bias', 0, 0.5)) });
    expect(found.first?.values).toMatchObject({
      step: 3,
      difference: { count: 1, largest: { index: [0], difference: 0.5 } },
    });
  });

  it('takes the values from the final weights where no checkpoint shows them', async () => {
    const changes = { change: atStep(6, addTo('layer.bias', 0, 0.5)), checkpointEvery: 4 };
    const found = await compare({ checkpointEvery: 4 }, changes);
    expect(found.first).toMatchObject({ step: 6, values: { step: null } });
  });

  it('tells other initial weights from another order of the data', async () => {
    const initial = await compare({}, { change: atStep(0, addTo('layer.bias', 0, 1)) });
    expect(initial.first).toMatchObject({ stage: 'initial_weights', step: 0 });
    expect(statusOf(initial, 'initial_weights')).toBe('differs');
    const order = await compare({}, { batch: (step) => String(step === 5 ? 0 : step) });
    expect(order.first).toMatchObject({ stage: 'data_order', step: 5, parts: ['batch'] });
    expect(statusOf(order, 'initial_weights')).toBe('equal');
  });

  it('finds a difference without chains by checkpoints', async () => {
    const change = atStep(4, addTo('layer.bias', 1, 1));
    const found = await compare({ hashEvery: 0 }, { hashEvery: 0, change });
    expect(statusOf(found, 'chain')).toBe('unknown');
    expect(found.first).toMatchObject({
      stage: 'checkpoints',
      step: 6,
      tensor: 'model.layer.bias',
      values: { step: 6 },
    });
  });

  it('compares chains that were recorded at different steps where they meet', async () => {
    const equal = await compare({ hashEvery: 2 }, { hashEvery: 3 });
    expect(equal).toMatchObject({ verdict: 'equal' });
    expect(statusOf(equal, 'chain')).toBe('equal');
    const change = atStep(4, addTo('layer.bias', 1, 1));
    const differing = await compare({ hashEvery: 1 }, { hashEvery: 2, change });
    expect(differing.first).toMatchObject({ step: 4, sharedStep: 2, parts: ['weights'] });
  });

  it('does not call an order of the data equal that no line of both tells of', async () => {
    const batch = (step: number) => `other ${step}`;
    const elsewhere = await compare({ hashEvery: 2 }, { hashEvery: 3, batch });
    expect(statusOf(elsewhere, 'data_order')).toBe('unknown');
    const folders = await record({ hashEvery: 3 }, { hashEvery: 3, batch });
    expect(statusOf(compareRuns(folders, { lastStep: 2 }), 'data_order')).toBe('unknown');
    expect(statusOf(compareRuns(folders, { lastStep: 3 }), 'data_order')).toBe('differs');
  });

  it('names the checkpoints that one run alone has', async () => {
    const { stages } = await compare({ checkpointEvery: 2 }, { checkpointEvery: 3 });
    expect(stages.find(({ name }) => name === 'checkpoints')?.summary).toBe(
      '1, up to step 6; A alone has 2, 4; B alone has 3',
    );
  });

  it('says where a run ends that goes on in the other', async () => {
    const found = await compare({}, { steps: 4, isUnfinished: true });
    expect(found.first).toMatchObject({ step: 5, sharedStep: 4, parts: [], values: null });
    expect(statusOf(found, 'final_weights')).toBe('unknown');
  });

  it('compares a beginning alone if asked to', async () => {
    const change = atStep(5, addTo('layer.bias', 1, 1));
    const folders = await record({}, { change, steps: 5, isUnfinished: true });
    expect(compareRuns(folders, { lastStep: 4 })).toMatchObject({ verdict: 'equal', first: null });
    expect(compareRuns(folders, { lastStep: 5 })).toMatchObject({ verdict: 'differs' });
  });

  it('finds other metrics and results of equal weights', async () => {
    const folders = await record({}, { results: { accuracy: 0.25 } });
    const [, b] = folders;
    const line = '{"loss/train":0.75,"step":2}';
    writeFileSync(join(b, 'metrics.jsonl'), `{"loss/train":1,"step":1}\n${line}\n`);
    const found = compareRuns(folders);
    expect(found.first).toMatchObject({ stage: 'metrics', step: 2 });
    expect(found.stages.find(({ name }) => name === 'metrics')?.differences).toEqual([
      { path: 'loss/train', a: 0.5, b: 0.75 },
    ]);
    expect(statusOf(found, 'results')).toBe('differs');
  });

  it('knows nothing of runs that recorded no training', async () => {
    const folders = await record({ hashEvery: 0, checkpointEvery: 9 }, { hashEvery: 0 });
    for (const folder of folders)
      for (const path of ['metrics.jsonl', 'checkpoints', 'manifest.json'])
        rmSync(join(folder, path), { recursive: true });
    for (const folder of folders) writeFileSync(join(folder, 'run.json'), '{"run_id":"x"}');
    expect(compareRuns(folders)).toMatchObject({ verdict: 'unknown', first: null, cause: null });
  });

  it('knows nothing where one of them recorded no training, though it has results', async () => {
    const nothing = { hashEvery: 0, checkpointEvery: 9, results: { accuracy: 0.25 } };
    const [a, b] = await record({}, nothing);
    writeFileSync(join(b, 'metrics.jsonl'), '');
    rmSync(join(b, 'checkpoints'), { recursive: true });
    for (const runs of [
      [a, b],
      [b, a],
      [b, b],
    ] as const)
      expect(compareRuns(runs)).toMatchObject({ verdict: 'unknown', first: null, cause: null });
  });

  it('does not say that every line of a chain is equal where the limit leaves the first alone', async () => {
    const folders = await record({ hashEvery: 3 }, { hashEvery: 3 });
    const { stages } = compareRuns(folders, { lastStep: 2 });
    expect(stages.find(({ name }) => name === 'chain')).toMatchObject({
      status: 'equal',
      summary: 'the line of step 0, the only one up to there',
    });
  });

  it('refuses what is no run', () => {
    const folder = temporaryFolder();
    expect(thrownBy(() => compareRuns([folder, folder]))).toMatchObject({
      code: 'RUN_MISSING',
      exitCode: 4,
    });
  });
});

describe('compareRuns(), the class of a difference', () => {
  const change = atStep(2, addTo('layer.bias', 0, 1));

  it.each<[string, Partial<Training>, RegExp]>([
    ['config', { learningRate: 0.25 }, /^configuration: training\.learning_rate is 0\.5 in A and 0\.25 in B$/],
    ['code', { change, environment: environmentOf({ commit: 'b'.repeat(40) }) }, /^code: git\.commit is a{12} in A/],
    ['code', { change, environment: environmentOf({ isDirty: true }) }, /^code: git\.is_dirty is false/],
    ['data', { change, facts: { dataset: dataset('d'.repeat(64)) } }, /^data: dataset\.hashes\.digits\.bin is c{12} in A/],
    ['environment', { change, environment: environmentOf({ node: '24.1.0' }) }, /^environment: system\.node is 20\.20\.2 in A and 24\.1\.0 in B$/],
    ['environment', { change, facts: { backend: { name: 'cpu', version: '4.22.0', threads: 1 } } }, /^environment: backend\.name is wasm/],
    ['kernel', { change }, /^configuration, code, data and environment are not known to differ$/],
  ])('is %s', async (expected, b, reason) => {
    const { cause } = await compare({}, b);
    expect(cause?.class).toBe(expected);
    expect(cause?.reasons[0]).toMatch(reason);
  }); // prettier-ignore

  it('prefers what explains all the rest, and names that too', async () => {
    const environment = environmentOf({ commit: 'b'.repeat(40), node: '24.1.0' });
    const { cause } = await compare({}, { learningRate: 0.25, environment });
    expect(cause?.class).toBe('config');
    expect(cause?.reasons).toHaveLength(3);
  });

  it('is not config for what reaches no result', async () => {
    const { cause } = await compare({}, { change, config: { hardware: { threads: 8 } } });
    expect(cause?.class).toBe('kernel');
  });

  it('says what is not known: changes that no commit held', async () => {
    const environment = environmentOf({ isDirty: true });
    const { cause } = await compare({ environment }, { environment, change });
    expect(cause?.class).toBe('kernel');
    expect(cause?.reasons[1]).toMatch(/^code is not known to be equal: .*diff was not kept/);
  });

  it('tells equal changes from others by the hash of their diff', async () => {
    const [x, y] = ['1', '2'].map((digit) =>
      environmentOf({ isDirty: true, diff: digit.repeat(64) }),
    );
    const equal = await compare({ environment: x! }, { environment: x! });
    expect(statusOf(equal, 'code')).toBe('equal');
    const differing = await compare({ environment: x! }, { environment: y!, change });
    expect(differing.cause?.class).toBe('code');
  });

  it('says that a file was changed where training itself went alike', async () => {
    const folders = await record({ hashEvery: 0 }, { hashEvery: 0 });
    const [a, b] = folders;
    const other = await recordTraining({ root: temporaryFolder(), runId: 'c', change });
    const path = 'checkpoints/final.safetensors';
    writeFileSync(join(b, path), readFileSync(join(other, path)));
    const { cause, first } = compareRuns([a, b]);
    expect(first).toMatchObject({ stage: 'final_weights', step: null });
    expect(cause?.reasons[0]).toMatch(
      /^a record was damaged: .* a file was changed after it was written$/,
    );
  });
});

// Helpers

type Change = NonNullable<Training['change']>;

async function record(a: Partial<Training>, b: Partial<Training>): Promise<[string, string]> {
  const root = temporaryFolder();
  return [
    await recordTraining({ root, runId: 'a', ...a }),
    await recordTraining({ root, runId: 'b', ...b }),
  ];
}

async function compare(a: Partial<Training>, b: Partial<Training>): Promise<RunComparison> {
  return compareRuns(await record(a, b));
}

function statusOf({ stages }: RunComparison, name: StageName): string | undefined {
  return stages.find((one) => one.name === name)?.status;
}

function atStep(wanted: number, change: (weights: Tensors) => Tensors): Change {
  return (step, weights) => (step === wanted ? change(weights) : weights);
}

function addTo(tensor: string, index: number, amount: number): (weights: Tensors) => Tensors {
  return (weights) => ({
    ...weights,
    [tensor]: (weights[tensor] ?? []).map((value, at) => (at === index ? value + amount : value)),
  });
}

function dataset(hash: string) {
  return { name: 'digits', version: '1', split: 'train', hashes: { 'digits.bin': hash } };
}
