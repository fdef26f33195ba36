import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { validSettings } from '../test/config-arbitraries';
import { withTemporaryFolder } from '../test/temporary-folder';
import type { LayerName } from './config-error';
import { sweepFileLayers } from './config-file';
import type { ConfigLayer, ConfigSetting } from './config-layer';
import { extendConfig } from './extend-config';
import { type ResolvedConfig, resolveConfig } from './resolve-config';
import { resolvedDocument } from './resolved-document';
import type { TrainingConfig } from './training-config';
import { trainingDefinition } from './config-definitions';
import { resolveTrainingConfig } from './entry-point-resolution';
import { trialDocument } from './trial-document';

const layers = fc.tuple(
  validSettings({ hasLists: true }),
  validSettings(),
  validSettings(),
  validSettings(),
);

const environment = { PIXELIS__TRAINING__SEED: '7', PIXELIS__MODEL__ENCODER_LAYERS: '3' };
const overrides = ['hardware.backend=cpu', 'curriculum.stages.0.name=mine', 'training.beta1=0.5'];

describe('fileLayers()', () => {
  it('fileLayers() re-creates from config_resolved.json alone what it was made of, with the origin of each value', () => {
    fc.assert(
      fc.property(layers, (settings) => {
        const resolved = resolve(layersOf(settings));
        const again = withFile(resolvedDocument(resolved), (file) =>
          resolveTrainingConfig({ file }),
        );
        expect(resolvedDocument(again)).toEqual(resolvedDocument(resolved));
      }),
    );
  });

  it('fileLayers() lets the environment and arguments win over all that is recorded', () => {
    fc.assert(
      fc.property(layers, (settings) => {
        const resolved = resolve(layersOf(settings));
        const { config, origins } = withFile(resolvedDocument(resolved), (file) => {
          return resolveTrainingConfig({ file, environment, overrides });
        });
        expect(config.training).toMatchObject({ seed: 7, beta1: 0.5 });
        expect(config.curriculum.stages[0]?.name).toBe('mine');
        expect(origins['training.seed']?.source).toBe('PIXELIS__TRAINING__SEED');
        if (resolved.origins['training.shards']?.layer !== 'default') return;
        expect(config.training.shards).toBe(Math.max(1, config.hardware.num_gpus));
        expect(origins['training.shards']?.source).toBe('hardware.backend=cpu');
      }),
      { numRuns: 50 },
    );
  });
});

describe('sweepFileLayers()', () => {
  it('sweepFileLayers() gives every value of the file and its origin, whatever the layers below say', () => {
    fc.assert(
      fc.property(layers, layers, (settings, others) => {
        const resolved = resolve(layersOf(settings));
        const below = resolve(layersOf(others).slice(1));
        const again = withFile(trialDocument(resolved), (file) => {
          const layers = [...layersOf(others).slice(1), ...sweepFileLayers(file)];
          return resolve(layers);
        });
        const expected = structuredClone(resolvedDocument(resolved));
        if (resolved.origins['hardware.threads']?.layer === 'default') {
          expected.config.hardware.threads = below.config.hardware.threads;
          Object.assign(expected.origins, {
            'hardware.threads': below.origins['hardware.threads'],
          });
        }
        expect(resolvedDocument(again)).toEqual(expected);
      }),
    );
  });

  it('sweepFileLayers() says what was asked for in vain, so that the last word on each value is the right one', () => {
    const resolved = resolveTrainingConfig({ overrides: ['training.steps=5'] });
    const { config, raw } = withFile(trialDocument(resolved), (sweep) => {
      return resolveTrainingConfig({ environment, sweep });
    });
    expect(config.training.seed).toBe(42);
    expect(raw.filter(({ path }) => path === 'training.seed')).toEqual([
      { layer: 'environment', source: 'PIXELIS__TRAINING__SEED', path: 'training.seed', value: 7 },
      { layer: 'default', source: 'schema', path: 'training.seed', value: 42 },
    ]);
    expect(raw.map(({ path }) => path)).not.toContain('training.shards');
  });
});

describe('extendConfig()', () => {
  it('extendConfig() comes to what resolveConfig() makes of all layers together', () => {
    fc.assert(
      fc.property(layers, validSettings({ hasLists: true }), (settings, varied) => {
        const layer = { layer: 'sweep', settings: varied } as const;
        const extended = extendConfig(resolve(layersOf(settings)), layer);
        const together = resolve([...layersOf(settings), layer]);
        expect(resolvedDocument(extended)).toEqual(resolvedDocument(together));
      }),
    );
  });

  it('extendConfig() reports what resolveConfig() reports', () => {
    const wrong = fc.constantFrom(
      ['training', 'sed'],
      ['training', 'seed'],
      ['model', 'dim'],
      ['data', 'batch_size'],
      ['curriculum', 'stages', '0', 'name'],
      ['curriculum', 'stages', '7', 'name'],
      ['curriculum', 'stages'],
      ['__proto__'],
    );
    const value = fc.constantFrom<unknown>(-1, 3, null, 'x', [], { a: 1 }, Number.NaN);
    const setting = fc.tuple(wrong, value).map(([path, value]) => ({ path, value, source: 's' }));
    fc.assert(
      fc.property(layers, fc.array(setting, { minLength: 1, maxLength: 3 }), (settings, varied) => {
        const layer = { layer: 'sweep', settings: varied } as const;
        const base = resolve(layersOf(settings));
        const problemOf = (act: () => unknown) => {
          try {
            act();
          } catch (error) {
            return error;
          }
          return undefined;
        };
        expect(problemOf(() => extendConfig(base, layer))).toEqual(
          problemOf(() => resolve([...layersOf(settings), layer])),
        );
      }),
    );
  });
});

// Helpers

function resolve(layers: readonly ConfigLayer[]): ResolvedConfig<TrainingConfig> {
  return resolveConfig({ ...trainingDefinition, layers });
}

function layersOf(settings: readonly (readonly ConfigSetting[])[]): ConfigLayer[] {
  const names: readonly LayerName[] = ['file', 'environment', 'argument', 'sweep'];
  return settings.map((each, index) => ({ layer: names[index] ?? 'sweep', settings: each }));
}

function withFile<Result>(content: unknown, use: (path: string) => Result): Result {
  return withTemporaryFolder((folder) => {
    const path = join(folder, 'config.json');
    writeFileSync(path, JSON.stringify(content));
    return use(path);
  });
}
