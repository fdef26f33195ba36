import { UsageError } from '@pixelis/core';
import { issuesOf } from '../test/issues-of';
import type { ConfigSetting } from './config-layer';
import { resolveSweepConfig } from './entry-point-resolution';
import { gridSetting, spaceSetting } from './sweep-settings';

const KEY = 'training.learning_rate';

describe('gridSetting()', () => {
  it.each([
    ['1e-3,3e-4', [0.001, 0.0003]],
    ['7', [7]],
    ['true,null,wasm', [true, null, 'wasm']],
    ['[1,2],[3]', [[1, 2], [3]]],
    ['{a: 1, b: 2},x', [new Map(Object.entries({ a: 1, b: 2 })), 'x']],
    ['"a,b",\'c,d\'', ['a,b', 'c,d']],
    ['a=b,""', ['a=b', '']],
    [' 1, 2 ,x y', [1, 2, 'x y']],
    ["' a', b", [' a', 'b']],
  ])('gridSetting() reads the values %s', (text, values) => {
    const path = ['sweep', 'space', KEY];
    const setting = { path, value: { values }, source: `--grid ${KEY}`, isWhole: true };
    expect(gridSetting(`${KEY}=${text}`)).toEqual(setting);
  });

  it.each([
    ['training.seed', 'it is not of the form KEY=VALUE,VALUE'],
    ['=1', 'it is not of the form'],
    ['training..seed=1', 'it is not of the form'],
    ['training.seed=', 'a value is empty'],
    ['training.seed=1,,2', 'a value is empty'],
    ['training.seed=1, ,2', 'a value is empty'],
    ['training.seed=[1,2', 'Cannot use --grid training.seed=[1,2'],
  ])('gridSetting() refuses %s', (argument, problem) => {
    expectRefused(() => gridSetting(argument), { argument: `--grid ${argument}`, problem });
  });
});

describe('spaceSetting()', () => {
  it.each([
    ['uniform:1e-4:1e-2', { distribution: 'uniform', low: 0.0001, high: 0.01 }],
    ['uniform:-1:1:0.5', { distribution: 'uniform', low: -1, high: 1, step: 0.5 }],
    ['log-uniform:1e-4:1e-2', { distribution: 'log_uniform', low: 0.0001, high: 0.01 }],
    ['log_uniform:1e-4:1e-2', { distribution: 'log_uniform', low: 0.0001, high: 0.01 }],
    ['int:1:8', { distribution: 'int', low: 1, high: 8 }],
    ['log_int:1:64:2', { distribution: 'log_int', low: 1, high: 64, step: 2 }],
    ['log-int:1:64:2', { distribution: 'log_int', low: 1, high: 64, step: 2 }],
    ['choice:1,a,null', { values: [1, 'a', null] }],
    ['choice:a:b', { values: ['a:b'] }],
  ])('spaceSetting() reads %s', (spec, value) => {
    const source = `--space ${KEY}`;
    const path = ['sweep', 'space', KEY];
    expect(spaceSetting(`${KEY}=${spec}`)).toEqual({ path, value, source, isWhole: true });
  });

  it.each([
    ['', 'unknown form ""'],
    ['unifrom:1:2', 'unknown form "unifrom": did you mean "uniform"?'],
    ['1,2', 'unknown form "1,2"'],
    ['constructor:1:2', 'unknown form'],
    ['int:1', '"int:1" is not of the form int:LOW:HIGH[:STEP]'],
    ['int:1:2:3:4', 'is not of the form'],
    ['uniform:a:2', 'is not of the form'],
    ['uniform::2', 'is not of the form'],
    ['uniform:1:Infinity', 'is not of the form'],
    ['choice:', 'a value is empty'],
  ])('spaceSetting() refuses %s', (spec, problem) => {
    const argument = `${KEY}=${spec}`;
    expectRefused(() => spaceSetting(argument), { argument: `--space ${argument}`, problem });
  });
});

describe('spaceSetting()', () => {
  it.each([
    ['log-uniform:1e-4', 'log-uniform:1e-4:1e-2'],
    ['log-uniform:0.0003', 'log-uniform:0.0003:0.03'],
    ['log-uniform:-1', 'log-uniform:1e-4:1e-2'],
    ['uniform:2', 'uniform:2:4'],
    ['uniform:-2', 'uniform:-2:2'],
    ['uniform:', 'uniform:0.1:0.9'],
    ['int:4', 'int:4:8'],
    ['int:1.5', 'int:1:8'],
    ['log-int:2:x', 'log-int:1:64'],
  ])('spaceSetting() answers %s with bounds that it takes, %s', (spec, example) => {
    const error = refusalOf(() => spaceSetting(`${KEY}=${spec}`));
    expect(error.remedy.split(': --space ')[1]).toBe(`${KEY}=${example}`);
    const options = [spaceSetting(`sampling.x=${example}`)];
    const random = ['sweep.strategy=random', 'sweep.trials=2'];
    const [issue] = issuesOf(() => resolveSweepConfig({ options, overrides: random }));
    expect(issue?.message).toContain('--space sampling.x: names no value of the configuration');
  });
});

describe('resolveSweepConfig()', () => {
  it.each([
    [{ [KEY]: { distribution: 'uniform', min: 1, max: 2 } },
      `["${KEY}"]={"distribution":"uniform","min":1,"max":2}: unknown keys "min", "max": the bounds are low and high, and there may be a step`],
    [{ [KEY]: { distribution: 'uniform', low: 1, max: 2 } },
      `["${KEY}"]={"distribution":"uniform","low":1,"max":2}: unknown key "max": the bounds are low and high, and there may be a step`],
    [{ 'model.dim': [8, 16] }, '["model.dim"]=[8,16]: must be a section with keys: { values: [8,16] }'],
    [{ 'model.dim': 8 }, '["model.dim"]=8: must be a section with keys: { values: [8] }'],
    [{ model: { dim: { values: [8] } } }, '.model={"dim":{"values":[8]}}: keys are written with dots, as "model.dim"'],
    [{ model: { dim: [8] } }, '.model={"dim":[8]}: keys are written with dots, as "model.dim"'],
  ])('resolveSweepConfig() says in one line what is wrong with the space %j', (space, message) => {
    const options = [
      { path: ['sweep'], value: { strategy: 'random', trials: 2, space }, source: 'x' },
    ];
    const issues = issuesOf(() => resolveSweepConfig({ options }));
    expect(issues.map((issue) => issue.message)).toEqual([`sweep.space${message} (from argument x)`]);
  }); // prettier-ignore

  it('resolveSweepConfig() names the option that varies a key that there is not, and the nearest key', () => {
    const options = [gridSetting('training.learning_rat=1e-3')];
    const [issue, ...more] = issuesOf(() => resolveSweepConfig({ options }));
    expect(issue?.message).toBe(
      '--grid training.learning_rat: names no value of the configuration: did you mean "training.learning_rate"? (from argument --grid training.learning_rat)',
    );
    expect(more).toEqual([]);
  });

  it('resolveSweepConfig() takes a search of random values from the command line', () => {
    const options = [
      spaceSetting(`${KEY}=log-uniform:1e-4:1e-2`),
      gridSetting('curriculum.stages.0.exit.0.threshold=0.5,0.6'),
      setting('sweep.strategy', 'random'),
      setting('sweep.trials', 5),
    ];
    const { config, origins } = resolveSweepConfig({ options, overrides: ['training.steps=9'] });
    expect(config.sweep).toMatchObject({ strategy: 'random', trials: 5 });
    expect(config.sweep.space[KEY]).toEqual({ distribution: 'log_uniform', low: 0.0001, high: 0.01 }); // prettier-ignore
    expect(config.training.steps).toBe(9);
    const origin = { layer: 'argument', source: `--space ${KEY}` };
    expect(origins[`sweep.space["${KEY}"].low`]).toEqual(origin);
  });

  it('resolveSweepConfig() lets the values of an option replace the bounds of a lower layer', () => {
    const { config } = resolveSweepConfig({
      environment: { PIXELIS__SWEEP__SPACE: `{${KEY}: {distribution: int, low: 1, high: 2}}` },
      options: [gridSetting(`${KEY}=1e-3`)],
    });
    expect(config.sweep.space).toEqual({ [KEY]: { values: [0.001] } });
  });

  it('resolveSweepConfig() refuses a key that two options vary', () => {
    const options = [gridSetting(`${KEY}=1`), spaceSetting(`${KEY}=int:1:2`)];
    const [issue] = issuesOf(() => resolveSweepConfig({ options }));
    expect(issue?.message).toContain(`is set by --grid ${KEY} already`);
  });

  it.each([
    ['--grid', 'training.learning_rat=1', 'did you mean "training.learning_rate"?'],
    ['--grid', 'sweep.trials=1,2', 'a sweep cannot vary itself'],
    ['--grid', 'curriculum.stages.7.name=a', 'names no value of the configuration'],
    ['--grid', 'training.seed=1,x', 'values[1]="x": training.seed must be a number'],
    ['--grid', 'model.patch_size=7,5', 'values[1]=5: model.patch_size must divide 28'],
    ['--grid', 'hardware.backend=wasm,cuda', 'hardware.backend must be "wasm" or "cpu"'],
    [
      '--space',
      'training.beta1=uniform:0.5:0.9',
      'needs a step in a grid: add --random N or --tpe N, or a step',
    ],
    ['--space', 'training.seed=int:8:1', 'high=1: must be >= low (8)'],
    ['--space', 'training.seed=int:1:2.5', 'high=2.5: must be an integer for int'],
    ['--space', 'training.epsilon=log-uniform:0:1:0.1', 'low=0: must be > 0 for log_uniform'],
    ['--space', 'training.steps=int:0:5', 'low=0: training.steps must be >= 1'],
  ])('resolveSweepConfig() refuses %s %s and names it', (option, argument, problem) => {
    const options = [option === '--grid' ? gridSetting(argument) : spaceSetting(argument)];
    const messages = issuesOf(() => resolveSweepConfig({ options })).map(({ message }) => message);
    expect(messages.filter((message) => message.includes(problem))).toHaveLength(1);
    for (const message of messages) expect(message).toContain(`(from argument ${option} `);
  });

  it.each([
    ['training.learning_rate=uniform:2:-1', ['high']],
    ['training.learning_rate=log-uniform:-1:1', ['low']],
    ['training.steps=int:1.5:0.5', ['low', 'high']],
    ['training.steps=int:1:8:-0.5', ['step']],
  ])('resolveSweepConfig() says one line of each wrong bound of %s', (argument, bounds) => {
    const options = [spaceSetting(argument)];
    const paths = issuesOf(() =>
      resolveSweepConfig({ options, overrides: ['sweep.strategy=random', 'sweep.trials=2'] }),
    ).map(({ path }) => path.replace(/.*\./, ''));
    expect(paths.sort()).toEqual([...bounds].sort());
  });

  it.each([
    ['log-uniform', 'log_uniform'],
    ['log_uniform', 'log_uniform'],
    ['log-int', 'log_int'],
    ['int', 'int'],
  ])('resolveSweepConfig() takes the spelling %s for %s', (spelling, canonical) => {
    const { config, raw } = resolveSweepConfig({
      overrides: [
        `sweep.space={training.steps: {distribution: ${spelling}, low: 1, high: 8}}`,
        'sweep.strategy=random',
        'sweep.trials=2',
      ],
    });
    const parameter = { distribution: canonical, low: 1, high: 8 };
    expect(config.sweep.space).toEqual({ 'training.steps': parameter });
    expect(JSON.stringify(raw)).toContain(spelling);
  });

  it.each([
    [['sweep.strategy=tpe'], 'sweep.trials=null: is required: give it, or --tpe N'],
    [['sweep.trials=3'], 'sweep.trials=3: must be left out for a grid'],
    [['sweep.halving={minimum_steps: 1800}'], 'must be < training.steps (1800)'],
    [['sweep.halving=20'], 'sweep.halving=20: must be a section with keys: { minimum_steps: 20 }'],
    [['sweep.halving=many'], 'sweep.halving="many": must be a section with keys (from'],
    [['sweep.halving.reduction_factor=4'], 'sweep.halving.minimum_steps: is required: give it, or --halving STEPS'],
    [['sweep.space.x={distribution: even, low: 1, high: 2}'], 'distribution="even": must be "uniform" or "log_uniform" or "int" or "log_int" (from'],
    [['sweep.space.x={value: [1]}'], 'Unknown key "sweep.space.x.value"'],
  ])('resolveSweepConfig() refuses %j', (overrides, problem) => {
    const issues = issuesOf(() => resolveSweepConfig({ overrides }));
    expect(issues.map(({ message }) => message).join('\n')).toContain(problem);
  }); // prettier-ignore

  it('resolveSweepConfig() reports rules between values beside every other issue', () => {
    const overrides = ['training.seed=-1', 'sweep.strategy=tpe'];
    const issues = issuesOf(() => resolveSweepConfig({ overrides }));
    expect(issues.map(({ path }) => path).sort()).toEqual(['sweep.trials', 'training.seed']);
  });
});

// Helpers

function setting(path: string, value: unknown): ConfigSetting {
  return { path: path.split('.'), value, source: `--${path}` };
}

function expectRefused(
  act: () => unknown,
  { argument, problem }: { argument: string; problem: string },
): void {
  const error = refusalOf(act);
  expect(error.code).toBe('SWEEP_OPTION_INVALID');
  expect(error.message).toContain(problem);
  expect(error.message).toContain(argument);
  expect(error.remedy).not.toBe('');
}

function refusalOf(act: () => unknown): UsageError {
  let error: unknown;
  try {
    act();
  } catch (thrown) {
    error = thrown;
  }
  if (!(error instanceof UsageError)) throw new Error('Expected a UsageError', { cause: error });
  return error;
}
