import { UsageError } from '@pixelis/core';
import { thrownBy } from '../../test/thrown-by';
import {
  checkArtifactName,
  checkpointName,
  datasetName,
  evaluationName,
  experienceBufferName,
  impliedType,
  metricsName,
  modelName,
  NAME_CONVENTIONS,
} from './artifact-name';

const RUN_ID = '20260131T120000-0a1b2c';

describe('checkArtifactName()', () => {
  it.each(Object.entries(NAME_CONVENTIONS))(
    'accepts the example of %s that it gives itself',
    (type, { example }) => {
      expect(checkArtifactName(example, type)).toBe(example);
      expect(impliedType(example)).toBe(type);
    },
  );

  it.each([
    ['dataset', 'dataset-digits'],
    ['dataset', 'digits-1'],
    ['dataset', 'dataset--1'],
    ['model', 'model-'],
    ['model', 'my-model'],
    ['checkpoint', 'checkpoint_1'],
    ['checkpoint', 'checkpoint-sft-1'],
    ['evaluation', 'eval-model-a'],
    ['evaluation', 'eval-on-x'],
    ['metrics', 'metrics_1'],
    ['experience_buffer', 'experience_buffer_now'],
    ['experience_buffer', 'experience_buffer_017'],
  ])('refuses the %s %j with the rule and an example', (type, name) => {
    expect(thrownBy(() => checkArtifactName(name, type))).toMatchObject({
      code: 'ARTIFACT_NAME_UNCONVENTIONAL',
      remedy: expect.stringMatching(/^Name it .*<.*>, for example /) as unknown,
    });
  });

  it.each([
    '',
    '.a',
    '-a',
    'a b',
    'a/b',
    '../a',
    'ä',
    'a:b',
    'a.',
    'con',
    'NUL.txt',
    'a'.repeat(201),
  ])('refuses %j for any type', (name) => {
    const error = thrownBy(() => checkArtifactName(name, 'tokenizer'));
    expect(error).toBeInstanceOf(UsageError);
    expect(error).toMatchObject({ code: 'ARTIFACT_NAME_INVALID' });
  });

  it("accepts any plain name for a type of one's own, and refuses a type that is none", () => {
    for (const name of ['a', 'A_b.c-d', '0', 'a'.repeat(200), 'console'])
      expect(checkArtifactName(name, 'tokenizer')).toBe(name);
    for (const type of ['', 'Model', 'a b', '1'])
      expect(thrownBy(() => checkArtifactName('a', type))).toMatchObject({
        code: 'ARTIFACT_TYPE_INVALID',
      });
  });
});

describe('the builders of names', () => {
  it('make what the conventions ask for', () => {
    expect(datasetName('digits-reasoning', '1.0')).toBe('dataset-digits-reasoning-1.0');
    expect(modelName(RUN_ID)).toBe(`model-${RUN_ID}`);
    expect(checkpointName('sft', RUN_ID)).toBe(`checkpoint_sft_${RUN_ID}`);
    expect(evaluationName('model-a', 'dataset-b-1')).toBe('eval-model-a-on-dataset-b-1');
    expect(metricsName('sft', RUN_ID)).toBe(`sft_metrics_${RUN_ID}`);
    expect(experienceBufferName(1769860800)).toBe('experience_buffer_1769860800');
  });

  it('refuse parts that make no such name', () => {
    const calls = [
      () => datasetName('a', 'b/c'),
      () => modelName(''),
      () => checkpointName('', 'a'),
      () => evaluationName('model-a', ''),
      () => metricsName('', 'a'),
      () => experienceBufferName(1.5),
      () => experienceBufferName(-1),
    ];
    for (const call of calls) expect(call).toThrow(UsageError);
  });
});

describe('impliedType()', () => {
  it('tells what a name speaks of, even where it breaks the convention', () => {
    expect(
      ['dataset-x', 'model-', 'eval-x', 'sft_metrics_1', 'tokenizer'].map(impliedType),
    ).toEqual(['dataset', 'model', 'evaluation', 'metrics', null]);
  });
});
