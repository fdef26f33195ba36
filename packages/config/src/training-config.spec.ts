import { z } from 'zod';
import { trainingConfigJsonSchema } from './json-schema';
import { resolveTrainingConfig } from './entry-point-resolution';
import { trainingConfigSchema } from './training-config';
import { issuesOf } from '../test/issues-of';

describe('trainingConfigSchema', () => {
  it('trainingConfigSchema gives a complete configuration for nothing, and takes it back unchanged', () => {
    const defaults = trainingConfigSchema.parse({});
    expect(defaults.training).toMatchObject({ mode: 'sft', seed: 42, shards: 8 });
    expect(defaults.data).toEqual({
      dataset: 'digits-reasoning',
      batch_size: 64,
      num_workers: 1,
      directory: null,
    });
    expect(defaults.curriculum).toMatchObject({
      smoothing_window_size: 3,
      patience_cycles: 2,
      cooldown_cycles: 3,
      rollback_threshold: -0.05,
    });
    expect(defaults.hardware).toEqual({ backend: 'wasm', threads: null, num_gpus: 0 });
    expect(trainingConfigSchema.parse(defaults)).toEqual(defaults);
  });

  it('trainingConfigSchema describes every key and gives each a default', () => {
    const { undescribed, withoutDefault } = gaps(trainingConfigJsonSchema(), '');
    expect(undescribed).toEqual([]);
    expect(withoutDefault).toEqual([
      '.$schema',
      '.$origins',
      '.curriculum.stages[].name',
      '.curriculum.stages[].mixture',
      '.curriculum.stages[].exit[].metric',
      '.curriculum.stages[].exit[].threshold',
    ]);
  });

  it('trainingConfigSchema gives each call defaults of its own', () => {
    trainingConfigSchema.parse({}).curriculum.stages.pop();
    expect(trainingConfigSchema.parse({}).curriculum.stages).toHaveLength(3);
  });

  it('trainingConfigSchema takes a single exit criterion for a list of one', () => {
    const exit = { metric: 'accuracy/simple', threshold: 0.5 };
    const stages = [{ name: 'only', exit, mixture: { simple: 1 } }];
    const { curriculum } = trainingConfigSchema.parse({ curriculum: { stages } });
    expect(curriculum.stages[0]?.exit).toEqual([{ ...exit, direction: 'max' }]);
  });

  it.each([
    ['training.mode=rft', 'training.mode="rft": is not available in this version, only "sft" is'],
    ['training.mode=ttrl', 'training.mode="ttrl": is not available in this version, only "sft" is'],
    ['training.mode=foo', 'training.mode="foo": must be "sft"'],
    ['training.precision=f16', 'training.precision="f16": must be "f32" or "bf16"'],
    ['training.compile=yes', 'training.compile="yes": must be true or false'],
    ['hardware.threads=257', 'hardware.threads=257: must be <= 256'],
    ['hardware.threads=0', 'hardware.threads=0: must be >= 1'],
    ['hardware.threads=auto', 'hardware.threads="auto": must be a number'],
    ['hardware.num_gpus=1025', 'hardware.num_gpus=1025: must be <= 1024'],
    ['hardware.num_gpus=-1', 'hardware.num_gpus=-1: must be >= 0'],
    ['hardware.backend=cuda', 'hardware.backend="cuda": must be "wasm" or "cpu"'],
    ['training.seed=-1', 'training.seed=-1: must be >= 0'],
    ['training.seed=1.5', 'training.seed=1.5: must be an integer'],
    ['training.seed=9007199254740992', 'must be <= 9007199254740991'],
    [
      'training.learning_rate=0,001',
      'training.learning_rate="0,001": must be a number: write "." in it, not ","',
    ],
    ['training.seed=null', 'training.seed=null: must be a number'],
    ['training.shards=1025', 'training.shards=1025: must be <= 1024'],
    ['training.learning_rate=0', 'training.learning_rate=0: must be > 0'],
    ['training.beta2=1', 'training.beta2=1: must be < 1'],
    ['training.deterministic_mode=1', 'training.deterministic_mode=1: must be true or false'],
    ['data.num_workers=65', 'data.num_workers=65: must be <= 64'],
    ['data.dataset=', 'data.dataset="": must be text that is not empty'],
    ['data.batch_size=7', 'data.batch_size=7: must be >= training.shards (8)'],
    ['model.dim=63', 'model.dim=63: must be a multiple of model.heads (2)'],
    ['model.patch_size=5', 'model.patch_size=5: must divide 28'],
    ['curriculum.rollback_threshold=0.1', 'must be <= 0'],
    ['curriculum.stages=[]', 'curriculum.stages=[]: must be a list whose length is >= 1'],
    ['curriculum.stages.1.name=simple', 'stages[1].name="simple": must be unique among the stages'],
    ['curriculum.stages.0.mixture.simple=0', 'must give at least one level a weight > 0'],
    ['curriculum.stages.0.exit=5', 'stages[0].exit=5: fits none of the forms'],
    ['training=5', 'training=5: must be a section with keys'],
  ])('trainingConfigSchema refuses %s in one issue that names it', (override, problem) => {
    const issues = issuesOf(() => resolveTrainingConfig({ overrides: [override] }));
    expect(issues).toHaveLength(1);
    expect(issues[0]?.message).toContain(problem);
    expect(issues[0]?.message).toContain(`(from argument ${override.split('=')[0] ?? ''})`);
  });

  it.each(['training.action_token_weight=0', 'data.batch_size=8', 'curriculum.cooldown_cycles=0'])(
    'trainingConfigSchema takes the bound %s',
    (override) => {
      expect(() => resolveTrainingConfig({ overrides: [override] })).not.toThrow();
    },
  );

  it('trainingConfigSchema reports rules between values beside every other issue', () => {
    const overrides = [
      'training.seed=-1',
      'model.dim=63',
      'model.mlp_ratio=0',
      'data.batch_size=1',
    ];
    const issues = issuesOf(() => resolveTrainingConfig({ overrides }));
    expect(issues.map((issue) => issue.path).sort()).toEqual([
      'data.batch_size',
      'model.dim',
      'model.mlp_ratio',
      'training.seed',
    ]);
  });
});

// Helpers

const jsonSchema = z.looseObject({
  description: z.string().optional(),
  properties: z.record(z.string(), z.unknown()).default({}),
  items: z.unknown().optional(),
  anyOf: z.array(z.unknown()).default([]),
});

function gaps(schema: unknown, path: string): { undescribed: string[]; withoutDefault: string[] } {
  const found: { undescribed: string[]; withoutDefault: string[] } = {
    undescribed: [],
    withoutDefault: [],
  };
  const { properties, items, anyOf } = jsonSchema.parse(schema);
  const below = anyOf.map((alternative): [string, unknown] => [path, alternative]);
  if (items !== undefined) below.push([`${path}[]`, items]);
  for (const [key, property] of Object.entries(properties)) {
    const own = `${path}.${key}`;
    const { description, ...rest } = jsonSchema.parse(property);
    if (description === undefined) found.undescribed.push(own);
    if (!('default' in rest)) found.withoutDefault.push(own);
    below.push([own, property]);
  }
  for (const [lower, each] of below) {
    const deeper = gaps(each, lower);
    found.undescribed.push(...deeper.undescribed);
    // A single exit criterion has the same keys as one in a list.
    if (!lower.endsWith('exit')) found.withoutDefault.push(...deeper.withoutDefault);
    else
      found.withoutDefault.push(...deeper.withoutDefault.filter((key) => key.includes('exit[]')));
  }
  return found;
}
