import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { useTemporaryFolder } from '../../test/temporary-folder';
import { flattenConfig, readRunConfig, valueAt } from './run-config';

const temporaryFolder = useTemporaryFolder();

function folderWith(document: unknown): string {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'config_resolved.json'), JSON.stringify(document));
  return folder;
}

describe('readRunConfig', () => {
  it('readRunConfig() tells the values that are no defaults, by their origins', () => {
    const config = { training: { seed: 7, steps: 3, levels: ['easy'] }, exp: {} };
    const origins = {
      'training.seed': { layer: 'argument', source: '--seed' },
      'training.steps': { layer: 'default', source: 'schema' },
      'training.levels': { layer: 'file', source: 'a.yaml' },
      'training.gone': { layer: 'file', source: 'a.yaml' },
    };
    expect(readRunConfig(folderWith({ config, origins }))).toEqual({
      config,
      changed: { 'training.seed': 7, 'training.levels': ['easy'] },
    });
  });

  it('readRunConfig() takes another document as the configuration itself', () => {
    expect(readRunConfig(folderWith({ seed: 1 }))).toEqual({ config: { seed: 1 }, changed: null });
    const whole = { config: 1, origins: 2, more: 3 };
    expect(readRunConfig(folderWith(whole))).toEqual({ config: whole, changed: null });
    expect(readRunConfig(folderWith([1]))).toEqual({ config: [1], changed: null });
    expect(readRunConfig(temporaryFolder())).toBeNull();
  });
});

describe('flattenConfig', () => {
  it('flattenConfig() gives leaves, lists and empty sections by their paths', () => {
    expect(flattenConfig({ a: { b: 1, c: { d: [{ e: 2 }] } }, f: {}, g: null })).toEqual({
      'a.b': 1,
      'a.c.d': [{ e: 2 }],
      f: {},
      g: null,
    });
    expect(flattenConfig({})).toEqual({});
  });
});

describe('valueAt', () => {
  it('valueAt() finds a value by its path, or by a key that has dots', () => {
    expect(valueAt({ a: { b: 1 } }, 'a.b')).toBe(1);
    expect(valueAt({ 'a.b': 2 }, 'a.b')).toBe(2);
    expect(valueAt({ a: { b: 1 } }, 'a.b.c')).toBeUndefined();
    expect(valueAt({ a: 1 }, 'toString')).toBeUndefined();
    expect(valueAt(null, 'a')).toBeUndefined();
  });
});
