import { cpSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { FIRST_CHAIN, readChain } from '@pixelis/artifacts';
import { canonicalJson, sha256 } from '@pixelis/core';
import { recordTraining } from '../../test/support/record-training';
import { useTemporaryFolder } from '../../test/support/temporary-folder';
import { readRunRecord } from '../record/run-record';
import { compareExtent, lastWeightsStep } from './compare-extent';

const temporaryFolder = useTemporaryFolder();

describe('compareExtent()', () => {
  it('finds nothing in a record that holds what its repetition holds', async () => {
    expect(await extentAfter(() => {})).toEqual([]);
  });

  it.each<[string, string, string, number | null]>([
    ['a chain', 'chain.jsonl', 'chain', 0],
    ['a checkpoint', 'checkpoints/step-00000003.safetensors', 'checkpoints', 3],
    ['the last checkpoint', 'checkpoints/step-00000006.safetensors', 'checkpoints', 6],
    ['metrics', 'metrics.jsonl', 'metrics', null],
    ['epochs', 'epochs.csv', 'metrics', null],
    ['final weights', 'checkpoints/final.safetensors', 'final_weights', null],
  ])('finds that %s is missing', async (_, path, name, step) => {
    const stages = await extentAfter((run) => rmSync(join(run, path)));
    expect(stages).toMatchObject([{ name, status: 'differs', step }]);
  });

  it('finds metrics that were emptied', async () => {
    const stages = await extentAfter((run) => writeFileSync(join(run, 'metrics.jsonl'), ''));
    expect(stages).toMatchObject([{ name: 'metrics', status: 'differs' }]);
  });

  it('finds a line of the chain at a step that has none, and one that was taken out', async () => {
    const added = await extentAfter((run) => editChain(run, (steps) => [...steps.slice(0, 2), 3]));
    expect(added).toMatchObject([{ name: 'chain', step: 3, summary: 'step 3: only A has a line' }]);
    const taken = await extentAfter((run) =>
      editChain(run, (steps) => [...steps.slice(0, 1), 4, 6]),
    );
    expect(taken).toMatchObject([{ name: 'chain', step: 2, summary: 'step 2: only B has a line' }]);
  });

  it('finds other epochs', async () => {
    const stages = await extentAfter((run) => writeFileSync(join(run, 'epochs.csv'), 'epoch\r\n'));
    expect(stages).toMatchObject([{ name: 'metrics', status: 'differs' }]);
  });

  it('asks for no chain of a record that was to keep none', async () => {
    expect(await extentAfter(() => {}, { hashEvery: 0 })).toEqual([]);
  });

  it('asks for nothing after the limit, nor for the checkpoint that a repetition ends with', async () => {
    const runs = await recordAndRepetition((run) => {
      rmSync(join(run, 'checkpoints/step-00000003.safetensors'));
      rmSync(join(run, 'checkpoints/step-00000006.safetensors'));
      editChain(run, (steps) => steps.filter((step) => step <= 2));
    });
    expect(compareExtent({ ...runs, lastStep: 3 })).toEqual([]);
    expect(compareExtent({ ...runs, lastStep: 4 })).toMatchObject([
      { name: 'chain', step: 4 },
      { name: 'checkpoints', step: 3 },
    ]);
  });

  it('lets a record have the checkpoint of an interruption', async () => {
    const stages = await extentAfter((run) => {
      const folder = join(run, 'checkpoints');
      cpSync(join(folder, 'step-00000003.safetensors'), join(folder, 'step-00000005.safetensors'));
    });
    expect(stages).toEqual([]);
  });
});

describe('lastWeightsStep()', () => {
  it.each<[number | null, number, string]>([
    [4, 4, 'by a line of the chain'],
    [3, 3, 'by a checkpoint'],
    [5, 4, 'before the limit'],
    [1, 0, 'the initial weights'],
    [null, 6, 'the last of all'],
  ])('of the steps up to %p is %i: %s', async (lastStep, expected) => {
    const runs = await recordAndRepetition(() => {});
    expect(lastWeightsStep({ ...runs, lastStep })).toBe(expected);
  });

  it('is null where neither chain nor checkpoint tells of one', async () => {
    const runs = await recordAndRepetition(() => {}, { hashEvery: 0 });
    expect(lastWeightsStep({ ...runs, lastStep: 2 })).toBeNull();
  });
});

// Helpers

interface Recording {
  readonly hashEvery?: number;
}

async function extentAfter(change: (run: string) => void, recording: Recording = {}) {
  const runs = await recordAndRepetition(change, recording);
  return compareExtent({ ...runs, lastStep: null });
}

async function recordAndRepetition(
  change: (run: string) => void,
  { hashEvery = 2 }: Recording = {},
) {
  const root = temporaryFolder();
  const record = await recordTraining({ root, runId: 'a', hashEvery });
  const again = await recordTraining({ root, runId: 'b', hashEvery });
  change(record);
  return { record, again, config: readRunRecord(record).config };
}

/** Writes an intact chain with lines for these steps instead. */
function editChain(run: string, edit: (steps: number[]) => number[]): void {
  const path = join(run, 'chain.jsonl');
  const lines = readChain(run);
  let head = FIRST_CHAIN;
  let text = '';
  for (const step of edit(lines.map((line) => line.step))) {
    const found = lines.find((line) => line.step === step) ?? lines.at(-1)!;
    const { chain: replaced, ...content } = { ...found, step };
    expect(replaced).toHaveLength(64);
    head = sha256(head + canonicalJson(content));
    text += `${canonicalJson({ ...content, chain: head })}\n`;
  }
  writeFileSync(path, text);
}
