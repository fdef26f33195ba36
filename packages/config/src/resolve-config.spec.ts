import { canonicalJson, UsageError } from '@pixelis/core';
import { z } from 'zod';
import { issuesOf } from '../test/issues-of';
import { ConfigError } from './config-error';
import type { ConfigLayer } from './config-layer';
import { resolveConfig } from './resolve-config';
import { resolvedDocument } from './resolved-document';
import {
  resolveEvaluationConfig,
  resolveSweepConfig,
  resolveTrainingConfig,
} from './entry-point-resolution';

describe('resolveTrainingConfig()', () => {
  it.each([
    [[], 8, 'schema'],
    [['hardware.backend=cpu'], 1, 'hardware.backend=cpu'],
    [['hardware.backend=webgpu', 'data.batch_size=4'], 1, 'hardware.backend=webgpu'],
    [['hardware.backend=gpu', 'hardware.num_gpus=4'], 4, 'hardware.backend=gpu'],
    [['hardware.num_gpus=4'], 8, 'schema'],
  ])(
    'resolveTrainingConfig() cuts the batches of %j into %i shards',
    (overrides, shards, source) => {
      const { config, origins, raw } = resolveTrainingConfig({ overrides });
      expect(config.training.shards).toBe(shards);
      expect(origins['training.shards']).toEqual({ layer: 'default', source });
      expect(raw.map(({ path }) => path)).not.toContain('training.shards');
    },
  );

  it.each([
    [resolveTrainingConfig, 'training.sed=1', 'schema/config.schema.json'],
    [resolveEvaluationConfig, 'evaluation.benchmrk=1', 'schema/evaluate.schema.json'],
    [resolveSweepConfig, 'sweep.trails=3', 'schema/sweep.schema.json'],
  ])('%p names the schema of its own keys', (resolve, override, schemaFile) => {
    expect(configErrorOf(() => resolve({ overrides: [override] })).remedy).toContain(
      `; ${schemaFile} describes every key`,
    );
  });

  it.each([
    [resolveTrainingConfig, 'sweep.trials=3', 'the configuration of a sweep'],
    [resolveTrainingConfig, 'evaluation.model=x', 'the configuration of an evaluation'],
    [resolveSweepConfig, 'evaluation.model=x', 'the configuration of an evaluation'],
  ])('%p says of %s whose it is, and suggests nothing else', (resolve, override, owner) => {
    const [key = ''] = override.split('=');
    expect(configErrorOf(() => resolve({ overrides: [override] })).message).toBe(
      `Unknown key "${key.split('.')[0]}": only ${owner} has it (from argument ${key})`,
    );
  });

  it('resolveTrainingConfig() keeps the shards that were asked for, whatever the backend', () => {
    const environment = { PIXELIS__TRAINING__SHARDS: '6' };
    const { config } = resolveTrainingConfig({ environment, overrides: ['hardware.backend=cpu'] });
    expect(config.training.shards).toBe(6);
  });

  it('resolveTrainingConfig() tells once what is wrong with the values that decide defaults', () => {
    expect(() => resolveTrainingConfig({ overrides: ['hardware=3'] })).toThrow(
      'hardware=3: must be a section with keys (from argument hardware)',
    );
    expect(() =>
      resolveTrainingConfig({ overrides: ['hardware.backend=cpu', 'hardware.num_gpus=many'] }),
    ).toThrow(/^hardware\.num_gpus="many": must be a number[^;]*$/);
  });

  it('resolveTrainingConfig() lets arguments win over the environment, and names who set what', () => {
    const { config, origins, raw } = resolveTrainingConfig({
      environment: { PIXELIS__TRAINING__SEED: '1', PIXELIS__TRAINING__STEPS: '20' },
      overrides: ['model.dim=32'],
      options: [{ path: ['training', 'seed'], value: 7, source: '--seed' }],
    });
    expect(config.training).toMatchObject({ seed: 7, steps: 20 });
    expect(config.model.dim).toBe(32);
    expect(origins).toMatchObject({
      'training.seed': { layer: 'argument', source: '--seed' },
      'training.steps': { layer: 'environment', source: 'PIXELIS__TRAINING__STEPS' },
      'model.dim': { layer: 'argument', source: 'model.dim' },
      'model.heads': { layer: 'default', source: 'schema' },
      'curriculum.stages[2].exit': { layer: 'default', source: 'schema' },
    });
    expect(raw).toEqual([
      { layer: 'environment', source: 'PIXELIS__TRAINING__SEED', path: 'training.seed', value: 1 },
      {
        layer: 'environment',
        source: 'PIXELIS__TRAINING__STEPS',
        path: 'training.steps',
        value: 20,
      },
      { layer: 'argument', source: '--seed', path: 'training.seed', value: 7 },
      { layer: 'argument', source: 'model.dim', path: 'model.dim', value: 32 },
    ]);
  });

  it('resolveTrainingConfig() gives an origin to every leaf, and JSON can hold all of it', () => {
    const resolved = resolveTrainingConfig({});
    const { config, origins } = resolvedDocument(resolved);
    const sections = Object.entries(config).filter(([name]) => name !== 'curriculum');
    for (const [name, section] of sections) {
      for (const key of Object.keys(section)) expect(origins).toHaveProperty([`${name}.${key}`]);
    }
    expect(canonicalJson({ config, origins })).toContain('"training.seed":{"layer":"default"');
    expect(canonicalJson(resolved.raw)).toBe('[]');
  });

  it('resolveTrainingConfig() changes one value of a default stage by its index', () => {
    const { config, origins } = resolveTrainingConfig({
      overrides: ['curriculum.stages.0.exit.0.threshold=0.5'],
    });
    expect(config.curriculum.stages[0]?.exit[0]).toMatchObject({
      metric: 'accuracy/simple',
      threshold: 0.5,
    });
    expect(origins['curriculum.stages[0].exit[0].threshold']?.layer).toBe('argument');
    expect(origins['curriculum.stages[0].exit[0].metric']?.layer).toBe('default');
  });

  it('resolveTrainingConfig() replaces stages as a whole; what they leave out is a default', () => {
    const stage =
      '{name: only, exit: {metric: accuracy/simple, threshold: 1}, mixture: {simple: 1}}';
    const { config, origins } = resolveTrainingConfig({
      overrides: [`curriculum.stages=[${stage}]`],
    });
    expect(config.curriculum.stages).toHaveLength(1);
    expect(origins['curriculum.stages[0].exit[0].metric']?.layer).toBe('argument');
    expect(origins['curriculum.stages[0].exit[0].direction']?.layer).toBe('default');
    expect(origins).not.toHaveProperty(['curriculum.stages[1].name']);
  });

  it.each([
    ['training.sed=1', 'Unknown key "training.sed": did you mean "training.seed"?'],
    ['trainin.seed=1', 'Unknown key "trainin": did you mean "training"?'],
    ['learning_rate=1', 'Unknown key "learning_rate": did you mean "training.learning_rate"?'],
    [
      'curriculum.stages.0.nam=x',
      'Unknown key "curriculum.stages[0].nam": did you mean "curriculum.stages[0].name"?',
    ],
    [
      'curriculum.stages.0.exit.0.treshold=1',
      'did you mean "curriculum.stages[0].exit[0].threshold"?',
    ],
    ['training.entirely_different=1', 'Unknown key "training.entirely_different" (from argument'],
  ])('resolveTrainingConfig() refuses the unknown key of %s', (override, message) => {
    const issues = issuesOf(() => resolveTrainingConfig({ overrides: [override] }));
    expect(issues).toHaveLength(1);
    expect(issues[0]?.message).toContain(message);
  });

  it('resolveTrainingConfig() names all issues of all layers, on one line', () => {
    const error = configErrorOf(() =>
      resolveTrainingConfig({
        environment: { PIXELIS__TRAINING__SEED: '-1', PIXELIS__MODEL__DIM: '[1' },
        overrides: ['training.sed=1', 'nonsense', 'training.beta1=.nan', 'data.dataset="a\\nb\\e[2J"', 'data.num_workers="x\\ny"'], // prettier-ignore
      }),
    );
    expect(error.issues.map((issue) => issue.path).sort()).toEqual([
      'data.num_workers',
      'model.dim',
      'nonsense',
      'training.beta1',
      'training.sed',
      'training.seed',
    ]);
    expect(error).toBeInstanceOf(UsageError);
    expect(error.exitCode).toBe(2);
    expect(error.message).not.toMatch(/\p{Cc}/u);
    expect(error.message.split('; ')).toHaveLength(6);
  });

  it('resolveTrainingConfig() shows ten issues and counts the others', () => {
    const overrides = Array.from({ length: 13 }, (_, index) => `training.unknown_${index}=1`);
    const error = configErrorOf(() => resolveTrainingConfig({ overrides }));
    expect(error.issues).toHaveLength(13);
    expect(error.message).toMatch(/; and 3 more$/);
  });

  it('resolveTrainingConfig() refuses a value that one layer sets twice', () => {
    const issues = issuesOf(() =>
      resolveTrainingConfig({
        overrides: ['training.seed=8'],
        options: [{ path: ['training', 'seed'], value: 7, source: '--seed' }],
      }),
    );
    expect(issues.map((issue) => issue.message)).toEqual([
      'training.seed is set by --seed already (from argument training.seed)',
    ]);
  });

  it('resolveTrainingConfig() refuses an index that a list does not have', () => {
    const [issue] = issuesOf(() =>
      resolveTrainingConfig({ overrides: ['curriculum.stages.3.name=x'] }),
    );
    expect(issue?.message).toContain('has 3 items, so that "3" is none of them');
  });

  it.each([
    '__proto__.x=1',
    'constructor.prototype.x=1',
    'training.__proto__.x=1',
    'training.prototype=1',
    'training={__proto__: {x: 1}}',
    'training={"constructor": {"prototype": {"x": 1}}}',
    `${'a.'.repeat(20_000)}b=1`,
  ])('resolveTrainingConfig() refuses %.60s, and no prototype changes', (override) => {
    expect(() => resolveTrainingConfig({ overrides: [override] })).toThrow(ConfigError);
    expect(Reflect.get({}, 'x')).toBeUndefined();
    expect(Object.getOwnPropertyNames(Object.prototype)).not.toContain('x');
  });

  it('resolveTrainingConfig() refuses keys of the prototype in the environment', () => {
    const environment = { PIXELIS__CONSTRUCTOR__PROTOTYPE__X: '1', PIXELIS____PROTO____X: '1' };
    expect(issuesOf(() => resolveTrainingConfig({ environment }))).toHaveLength(2);
    expect(Reflect.get({}, 'x')).toBeUndefined();
  });
});

describe('resolveConfig()', () => {
  const schema = z.strictObject({
    needed: z.int(),
    inner: z.strictObject({ given: z.int().default(1), needed: z.string() }),
  });

  it('resolveConfig() works with a schema that has keys without a default', () => {
    const layer: ConfigLayer = {
      layer: 'argument',
      settings: [
        { path: ['needed'], value: 2, source: 'a' },
        { path: ['inner', 'needed'], value: 'x', source: 'b' },
      ],
    };
    expect(resolveConfig({ schema, layers: [layer] })).toMatchObject({
      config: { needed: 2, inner: { given: 1, needed: 'x' } },
      origins: { 'inner.given': { layer: 'default' }, 'inner.needed': { source: 'b' } },
    });
  });

  it('resolveConfig() says which keys are missing', () => {
    const issues = issuesOf(() => resolveConfig({ schema, layers: [] }));
    expect(issues.map((issue) => issue.message)).toEqual([
      'needed: is required (from default schema)',
      'inner.needed: is required (from default schema)',
    ]);
  });
});

// Helpers

function configErrorOf(resolve: () => unknown): ConfigError {
  try {
    resolve();
  } catch (error) {
    if (error instanceof ConfigError) return error;
    throw error;
  }
  throw new Error('Expected a ConfigError');
}
