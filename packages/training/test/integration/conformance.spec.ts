import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ConformanceErrors } from '../conformance/conformance-errors';
import { describeConformance } from '../conformance/describe-conformance';
import { layerCases } from '../conformance/fixtures';
import { type Tolerances, TOLERANCES } from '../conformance/tolerances';

/** What src/layers holds beside layers. */
const NO_LAYERS = ['differentiable', 'rows'];

/** The rows of the guide's table. */
const ROWS: Readonly<Record<keyof Tolerances, string>> = {
  layerValue: 'values of layers',
  layerGradient: 'gradients of layers',
  optimizer: 'clipped gradients, weights and moments of AdamW',
  modelLoss: 'loss of a model',
  modelGradient: 'gradients of a model',
  trainingCurve: 'loss and gradient norm of each step of training',
  trainingWeights: 'weights after training',
};

describe('the conformance suite', () => {
  it('holds backends to what docs/guides/backends.md states', () => {
    const guide = readFileSync(join(__dirname, '../../../../docs/guides/backends.md'), 'utf8');
    const rows = guide
      .split('\n')
      .filter((line) => line.startsWith('|'))
      .map((line) => line.split('|').map((cell) => cell.trim().replaceAll('`', '')));
    const start = rows.findIndex(([, first]) => first === 'what is compared');
    const backends = rows[start]!.slice(2, -1);
    expect(backends).toEqual(Object.keys(TOLERANCES));
    const stated = rows.slice(start + 2, start + 2 + Object.keys(ROWS).length);
    expect(stated.map(([, label]) => label)).toEqual(Object.values(ROWS));
    for (const [index, kind] of (Object.keys(ROWS) as (keyof Tolerances)[]).entries()) {
      expect(stated[index]!.slice(2, -1).map(Number)).toEqual(
        Object.values(TOLERANCES).map((tolerances) => tolerances[kind]),
      );
    }
  });

  it.each([
    ['an entry is further off than the tolerance', [1, 2.0001], [1, 2]],
    ['an entry is no number', [1, NaN], [1, 2]],
    ['an entry is missing', [1], [1, 2]],
    ['something is where nothing should be', [0, 1e-4], [0, 0]],
  ])('fails where %s', (_, actual, expected) => {
    const errors = new ConformanceErrors(TOLERANCES.webgpu);
    const compare = (): void =>
      errors.expectWithin('layerValue', { name: 'of a test', actual, expected });
    expect(compare).toThrow('of a test');
  });

  it('has cases of every layer', () => {
    const layers = readdirSync(join(__dirname, '../../src/layers'))
      .filter((file) => file.endsWith('.ts') && !file.endsWith('.spec.ts'))
      .map((file) => file.slice(0, -'.ts'.length))
      .filter((name) => !NO_LAYERS.includes(name));
    const covered = new Set(layerCases.map(({ name }) => name.replaceAll('_', '-')));
    expect([...covered].sort()).toEqual(layers.sort());
  });
});

// What needs nothing native; test/services has the other backends.
describeConformance('reference', TOLERANCES.reference);
describeConformance('wasm', TOLERANCES.wasm);
