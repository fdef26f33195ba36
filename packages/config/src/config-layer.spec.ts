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
