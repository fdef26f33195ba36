import { issuesOf } from '../test/issues-of';
import { resolveTrainingConfig } from './entry-point-resolution';
import { argumentLayer, environmentLayer } from './config-layer';

describe('environmentLayer()', () => {
  it('environmentLayer() lower-cases levels, reads values as overrides, and ignores other variables', () => {
    const layer = environmentLayer({
      PIXELIS__TRAINING__LEARNING_RATE: '1e-3',
      PIXELIS__DATA__DATASET: '',
      PIXELIS_SEED: '1',
      PATH: '/bin',
    });
    expect(layer).toEqual({
      layer: 'environment',
      settings: [
        { path: ['data', 'dataset'], value: '', source: 'PIXELIS__DATA__DATASET' },
        {
          path: ['training', 'learning_rate'],
          value: 0.001,
          source: 'PIXELIS__TRAINING__LEARNING_RATE',
        },
      ],
      issues: [],
    });
  });

  it('environmentLayer() warns of a variable that spells a key but for its underscores, and of no other', () => {
    const { settings, warnings } = environmentLayer({
      PIXELIS_TRAINING__SEED: '7',
      PIXELIS_TRAINING_LEARNING_RATE: '1',
      PIXELIS_CACHE: 'x',
      PIXELIS__TRAINING__STEPS: '2',
    });
    expect(settings).toHaveLength(1);
    expect(warnings).toEqual([
      'PIXELIS_TRAINING_LEARNING_RATE sets nothing: did you mean PIXELIS__TRAINING__LEARNING_RATE?',
      'PIXELIS_TRAINING__SEED sets nothing: did you mean PIXELIS__TRAINING__SEED?',
    ]);
    const environment = { PIXELIS_TRAINING__SEED: '7' };
    expect(resolveTrainingConfig({ environment }).warnings).toEqual([warnings?.[1]]);
  });

  it.each(['PIXELIS__TRAINING_SEED', 'PIXELIS__TRAINING__SED'])(
    'environmentLayer() sets by %s what names the right variable',
    (variable) => {
      const [issue] = issuesOf(() => resolveTrainingConfig({ environment: { [variable]: '7' } }));
      expect(issue?.message).toContain('did you mean "PIXELIS__TRAINING__SEED"?');
    },
  );

  it.each(['PIXELIS__', 'PIXELIS__A____B', 'PIXELIS____PROTO____X'])(
    'environmentLayer() reports %s, which is no path',
    (variable) => {
      const { settings, issues } = environmentLayer({ [variable]: '1' });
      expect(settings).toEqual([]);
      expect(issues).toHaveLength(1);
      expect(issues?.[0]?.message).toContain(`(from environment ${variable})`);
    },
  );
});

describe('argumentLayer()', () => {
  it('argumentLayer() splits an override at its first equals sign', () => {
    const { settings } = argumentLayer({ overrides: ['data.directory=/a=b'] });
    expect(settings).toEqual([
      { path: ['data', 'directory'], value: '/a=b', source: 'data.directory' },
    ]);
  });

  it('argumentLayer() keeps the sources of options', () => {
    const option = { path: ['training', 'seed'], value: 7, source: '--seed' };
    expect(argumentLayer({ options: [option] }).settings).toEqual([option]);
  });

  it.each(['training', '=1', 'a..b=1', 'a.b=[1', 'a b=1'])(
    'argumentLayer() reports %s and goes on',
    (override) => {
      const layer = argumentLayer({ overrides: [override, 'training.seed=1'] });
      expect(layer.issues).toHaveLength(1);
      expect(layer.settings).toHaveLength(1);
    },
  );
});
