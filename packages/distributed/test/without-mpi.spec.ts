import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EnvironmentError } from '@pixelis/core';
import { buildBinding } from '../src/build-binding';
import { launchUnderMpi } from '../src/launch-under-mpi';
import { openWorld } from '../src/mpi-world';

describe('on a machine without MPI', () => {
  const folder = mkdtempSync(join(tmpdir(), 'pixelis-mpi-'));
  const before = { ...process.env };

  beforeAll(() => Object.assign(process.env, { PATH: folder, PIXELIS_CACHE: folder }));

  afterAll(() => {
    process.env = before;
    rmSync(folder, { recursive: true });
  });

  it('openWorld() gives the world of one process', () => {
    expect(openWorld(undefined)).toMatchObject({ rank: 0, size: 1, isRoot: true });
  });

  it('openWorld() in a rank says how to build the binding', () => {
    const error = thrownBy(() => openWorld({ rank: 1, size: 2, localRank: 1 }));

    expect(error).toBeInstanceOf(EnvironmentError);
    expect(error).toMatchObject({
      code: 'MPI_BINDING_MISSING',
      exitCode: 3,
      remedy: 'run npx nx run distributed:mpi',
    });
  });

  it('buildBinding() says what to install', async () => {
    await expect(buildBinding()).rejects.toMatchObject({
      code: 'MPI_MISSING',
      exitCode: 3,
      remedy: expect.stringContaining('libopenmpi-dev openmpi-bin') as string,
    });
  });

  it('launchUnderMpi() says what to install', async () => {
    await expect(launchUnderMpi({ count: 2, argv: ['-e', ''] })).rejects.toMatchObject({
      code: 'MPI_MISSING',
      exitCode: 3,
      remedy: expect.stringContaining('openmpi-bin') as string,
    });
  });
});

// Helpers

function thrownBy(deed: () => unknown): unknown {
  try {
    deed();
  } catch (error) {
    return error;
  }
  return undefined;
}
