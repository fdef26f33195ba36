import { EnvironmentError } from '@pixelis/core';
import { thrownBy } from '../../test/thrown-by';
import { isLaterVersionError, type ManifestMigration, migrateManifest } from './migrate-manifest';

/** Fictitious: version 2 calls the seed `seeds`, version 3 counts them. */
const migrations: readonly ManifestMigration[] = [
  ({ seed = null, ...rest }) => ({ ...rest, seeds: [seed] }),
  ({ seeds, ...rest }) => ({ ...rest, seeds: seeds ?? null, seed_count: 1 }),
];

describe('migrateManifest', () => {
  it('migrateManifest() goes through every version up to the latest, and changes no argument', () => {
    const document = { manifest_version: 1, seed: 42, node: '20' };
    expect(migrateManifest(document, { migrations })).toEqual({
      manifest_version: 3,
      node: '20',
      seeds: [42],
      seed_count: 1,
    });
    expect(document).toEqual({ manifest_version: 1, seed: 42, node: '20' });
  });

  it('migrateManifest() begins at the version of the manifest', () => {
    const second = { manifest_version: 2, seeds: [7] };
    const third = { manifest_version: 3, seeds: [7], seed_count: 1 };
    expect(migrateManifest(second, { migrations })).toEqual(third);
    expect(migrateManifest(third, { migrations })).toBe(third);
  });

  it('migrateManifest() has nothing to do for the only version so far', () => {
    const document = { manifest_version: 1, anything: true };
    expect(migrateManifest(document)).toBe(document);
  });

  it.each([[undefined], [null], ['1'], [0], [-1], [1.5]])(
    'migrateManifest() leaves the version %j to the schema',
    (version) => {
      const document = version === undefined ? {} : { manifest_version: version };
      expect(migrateManifest(document, { migrations })).toBe(document);
    },
  );

  it('migrateManifest() refuses what a later Pixelis wrote, with the remedy', () => {
    const later = () =>
      migrateManifest({ manifest_version: 2 }, { path: 'out/runs/x/manifest.json' });
    expect(later).toThrow(EnvironmentError);
    expect(thrownBy(later)).toMatchObject({
      code: 'MANIFEST_VERSION_LATER',
      message:
        'out/runs/x/manifest.json is of version 2; this Pixelis reads manifests up to version 1',
      remedy: 'Update Pixelis: a later one wrote it.',
    });
    expect(() => migrateManifest({ manifest_version: 4 }, { migrations })).toThrow(
      /up to version 3/,
    );
  });
});

describe('isLaterVersionError', () => {
  it('isLaterVersionError() knows that error from others', () => {
    expect(isLaterVersionError(thrownBy(() => migrateManifest({ manifest_version: 2 })))).toBe(
      true,
    );
    const other = new EnvironmentError('no disk', { code: 'OTHER', remedy: 'Buy one.' });
    expect(isLaterVersionError(other)).toBe(false);
    expect(isLaterVersionError(new TypeError('no'))).toBe(false);
  });
});
