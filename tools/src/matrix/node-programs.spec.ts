import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { objectOf } from '../json-value';
import { WORKSPACE_ROOT } from '../workspace';
import { nodeProgram, pinnedVersions } from './node-programs';

describe('pinnedVersions()', () => {
  it.each(['x64', 'arm64'] as const)(
    'names a version of each Node.js that is supported for %s, the oldest first',
    (processor) => {
      const majors = pinnedVersions(processor).map((version) => Number.parseInt(version));
      expect(majors).toEqual([20, 22, 24, 26]);
    },
  );

  it('are the ones that the lock file installs', () => {
    const lock = objectOf(
      JSON.parse(readFileSync(join(WORKSPACE_ROOT, 'tools/matrix/package-lock.json'), 'utf8')),
    );
    const packages = objectOf(lock['packages']);
    for (const processor of ['x64', 'arm64'] as const) {
      for (const version of pinnedVersions(processor)) {
        const path = `node_modules/node-${Number.parseInt(version)}-linux-${processor}`;
        expect(packages[path]).toMatchObject({ name: `node-linux-${processor}`, version });
      }
    }
  });
});

describe('nodeProgram()', () => {
  it('is the program at hand where that is the version', () => {
    const { arch: processor, versions } = process;
    expect(nodeProgram({ processor, isEmulated: false, node: versions.node })).toEqual([
      process.execPath,
    ]);
  });

  it('refuses another processor that is not emulated', () => {
    const place = { processor: 's390x', isEmulated: false, node: '20.1.0' };
    expect(() => nodeProgram(place)).toThrow('Cannot run s390x');
  });
});
