import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { UsageError } from '@pixelis/core';
import fc from 'fast-check';
import { z } from 'zod';
import { issuesOf } from '../test/issues-of';
import { parseCommandLine } from './command-line';
import { evaluationDefinition, sweepDefinition, trainingDefinition } from './config-definitions';
import { argumentLayer, type ConfigLayer } from './config-layer';
import { entryPointOptions } from './entry-point-options';
import { helpText } from './help-text';
import { commandLineRenamings } from './option-definition';
import { outlivedRenamings, presentName, warningLines } from './renaming';
import { resolveConfig } from './resolve-config';

const removedIn = '0.3.0';

const definition = {
  program: 'train',
  summary: 'Trains.',
  words: [
    { placeholder: 'MODE', help: 'Kind', renamedWords: [{ from: 'fine', to: 'sft', removedIn }] },
  ],
  options: {
    seed: { kind: 'integer', help: 'Root', setting: 'training.seed' },
    quick: { kind: 'flag', help: 'Be quick' },
    tag: { kind: 'text', help: 'A tag', isRepeatable: true },
    'random-seed': { kind: 'integer', help: 'Root', renamedTo: { name: 'seed', removedIn } },
    fast: { kind: 'flag', help: 'Be quick', renamedTo: { name: 'quick', removedIn } },
    label: { kind: 'text', help: 'A tag', renamedTo: { name: 'tag', removedIn } },
  },
} as const;

describe('parseCommandLine() of renamed options and words', () => {
  it('parseCommandLine() takes old names for the present ones, with one warning each', () => {
    const argv = ['fine', '--random-seed', '7', '--fast', '--label=a', '--label', 'b'];
    const commandLine = parseCommandLine(argv, definition);
    expect(commandLine.settings()).toEqual([
      { path: ['training', 'seed'], value: 7, source: '--seed' },
    ]);
    expect(commandLine.flag('quick')).toBe(true);
    expect(commandLine.texts('tag')).toEqual(['a', 'b']);
    expect(commandLine.words).toEqual(['sft']);
    expect(warningLines(commandLine.warnings)).toBe(
      [
        'warning: --random-seed is now --seed; --random-seed goes in 0.3.0',
        'warning: --fast is now --quick; --fast goes in 0.3.0',
        'warning: --label is now --tag; --label goes in 0.3.0',
        'warning: fine is now sft; fine goes in 0.3.0',
        '',
      ].join('\n'),
    );
  });

  it('parseCommandLine() warns of nothing where the present names are used', () => {
    const argv = ['sft', '--seed=7', '--quick', '--tag=a'];
    expect(parseCommandLine(argv, definition).warnings).toEqual([]);
  });

  it.each([
    [['--seed=1', '--random-seed=1']],
    [['--random-seed=1', '--seed=1']],
    [['--tag=a', '--label=a'], 'Options --label and --tag are the same: give --tag alone'],
  ])('parseCommandLine() refuses %j', (argv, problem = 'are the same: give --seed alone') => {
    expect(() => parseCommandLine(argv, definition)).toThrow(UsageError);
    expect(() => parseCommandLine(argv, definition)).toThrow(problem);
  });

  it.each([
    [['--random-seed=x'], 'Option --seed must be an integer'],
    [['--random-seed'], 'Option --seed needs a value'],
    [['--fast=1'], 'Option --quick takes no value'],
    [['--random-seed=1', '--random-seed=2'], 'Option --seed is given more than once'],
  ])('parseCommandLine() checks %j by the present definition', (argv, problem) => {
    expect(() => parseCommandLine(argv, definition)).toThrow(problem);
  });

  it('parseCommandLine() says where a definition renames to nothing', () => {
    const options = { a: { kind: 'flag', help: '', renamedTo: { name: 'b', removedIn } } } as const;
    expect(() => parseCommandLine(['--a'], { ...definition, options })).toThrow(TypeError);
  });

  it('helpText() and suggestions know present names only', () => {
    expect(helpText(definition)).not.toMatch(/random-seed|--fast|--label/);
    expect(() => parseCommandLine(['--labe'], definition)).toThrow(/^Unknown option --labe$/);
  });
});

describe('resolveConfig() of renamed keys', () => {
  const schema = z.strictObject({
    training: z
      .strictObject({ rate: z.number().default(1), seed: z.int().default(0) })
      .prefault({}),
    model: z.strictObject({ width: z.int().default(8), depth: z.int().default(2) }).prefault({}),
  });
  const renamedKeys = [
    { from: 'training.lr', to: 'training.rate', removedIn },
    { from: 'shape', to: 'model', removedIn },
  ];
  const resolve = (...layers: ConfigLayer[]) => resolveConfig({ schema, layers, renamedKeys });

  it('resolveConfig() takes old keys for the present ones, with one warning each', () => {
    const file = fileOf({ training: { lr: 0.5, seed: 7 }, shape: { width: 16 } });
    const resolved = resolve(file, argumentLayer({ overrides: ['shape.depth=3'] }));
    expect(resolved.config).toEqual({
      training: { rate: 0.5, seed: 7 },
      model: { width: 16, depth: 3 },
    });
    expect(resolved.origins['training.rate']).toEqual({ layer: 'file', source: 'f' });
    expect(resolved.origins['model.depth']?.source).toBe('shape.depth');
    expect(resolved.warnings).toEqual([
      'training.lr is now training.rate; training.lr goes in 0.3.0',
      'shape is now model; shape goes in 0.3.0',
    ]);
    expect(resolved.raw.map(({ path }) => path)).toEqual(['', 'model', 'training.rate', 'model.depth']); // prettier-ignore
  });

  it('resolveConfig() lets a higher layer win by either name', () => {
    const old = argumentLayer({ overrides: ['training.lr=2'] });
    const present = argumentLayer({ overrides: ['training.rate=3'] });
    expect(resolve(old, present).config.training.rate).toBe(3);
    expect(resolve(present, old).config.training.rate).toBe(2);
    expect(resolve(present).warnings).toEqual([]);
  });

  it.each([
    [fileOf({ training: { lr: 1, rate: 1 } })],
    [argumentLayer({ overrides: ['training.lr=1', 'training.rate=1'] })],
    [argumentLayer({ overrides: ['training={lr: 1}', 'training.rate=1'] })],
  ])('resolveConfig() refuses both names in one layer', (layer) => {
    const [issue] = issuesOf(() => resolve(layer));
    expect(issue?.path).toBe('training.lr');
    expect(issue?.message).toContain('and training.rate are the same: set training.rate alone');
  });

  it('resolveConfig() comes by old keys to what it comes to by the present ones', () => {
    const value = fc.record(
      { rate: fc.double({ noNaN: true, min: -9, max: 9 }), seed: fc.integer() },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(value, ({ rate, seed }) => {
        const rest = seed === undefined ? {} : { seed };
        const old = resolve(
          fileOf({ training: { ...(rate === undefined ? {} : { lr: rate }), ...rest } }),
        );
        const present = resolve(
          fileOf({ training: { ...(rate === undefined ? {} : { rate }), ...rest } }),
        );
        expect(old.config).toEqual(present.config);
        expect(old.origins).toEqual(present.origins);
      }),
    );
  });
});

describe('presentName()', () => {
  it('presentName() tells a renamed command', () => {
    const renamings = [{ from: 'pixelis check', to: 'pixelis verify', removedIn }];
    expect(presentName('pixelis check', renamings)).toEqual({
      name: 'pixelis verify',
      warning: 'pixelis check is now pixelis verify; pixelis check goes in 0.3.0',
    });
    expect(presentName('pixelis sync', renamings)).toEqual({ name: 'pixelis sync' });
  });
});

describe('outlivedRenamings()', () => {
  const renaming = { from: 'a', to: 'b', removedIn };

  it.each(['0.3.0', '0.3.1', '0.10.0', '1.0.0', '0.3.0-rc.1'])('is told by %s', (version) => {
    expect(outlivedRenamings([renaming], { version })).toEqual([renaming]);
  });

  it.each(['0.2.9', '0.1.0', '0.2.99'])('lets %s pass', (version) => {
    expect(outlivedRenamings([renaming], { version })).toEqual([]);
  });

  it('outlivedRenamings() refuses what is no version', () => {
    expect(() => outlivedRenamings([renaming], { version: 'latest' })).toThrow(TypeError);
  });

  it('commandLineRenamings() gives what a command line still takes by an old name', () => {
    expect(commandLineRenamings(definition).map(({ from }) => from)).toEqual([
      '--random-seed',
      '--fast',
      '--label',
      'fine',
    ]);
  });

  it('no renaming of this package outlives its version', () => {
    const { version } = z
      .object({ version: z.string() })
      .parse(JSON.parse(readFileSync(join(__dirname, '../package.json'), 'utf8')));
    const definitions = [trainingDefinition, evaluationDefinition, sweepDefinition];
    const renamings = [
      ...commandLineRenamings({ program: '', summary: '', options: entryPointOptions }),
      ...definitions.flatMap(({ renamedKeys = [] }) => renamedKeys),
    ];
    expect(outlivedRenamings(renamings, { version })).toEqual([]);
  });
});

// Helpers

function fileOf(value: unknown): ConfigLayer {
  return { layer: 'file', settings: [{ path: [], value, source: 'f' }] };
}
