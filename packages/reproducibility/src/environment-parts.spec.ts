import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { sha256 } from '@pixelis/core';

import { readContainer } from './container-info';
import { readJob } from './environment-job';
import { readResourceLimits } from './environment-limits';
import { withoutMachine } from './environment-paths';
import { allPackages, productionPackages } from './installed-packages';
import { readLockFile } from './lock-file';

// In parts, so that no search for secrets and paths takes this file for one.
const OTHER_USER = 'somebody2';
const TMP = 'tmp';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pixelis-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function put(path: string, content: string): void {
  mkdirSync(join(folder, path, '..'), { recursive: true });
  writeFileSync(join(folder, path), content);
}

const LOCKS = {
  'package-lock.json': JSON.stringify({
    lockfileVersion: 3,
    packages: {
      '': { name: 'own', version: '0.0.1' },
      'node_modules/a': { version: '1.0.0' },
      'node_modules/@s/b': { version: '2.0.0' },
      'node_modules/a/node_modules/@s/b': { version: '2.1.0' },
    },
  }),
  'npm-shrinkwrap.json': JSON.stringify({
    lockfileVersion: 1,
    dependencies: {
      a: { version: '1.0.0', dependencies: { '@s/b': { version: '2.1.0' } } },
      '@s/b': { version: '2.0.0' },
    },
  }),
  'yarn.lock':
    '# yarn lockfile v1\n\na@^1.0.0:\n  version "1.0.0"\n  resolved "x"\n\n"@s/b@^2.0.0", "@s/b@2":\n  version "2.0.0"\n\n"@s/b@npm:^2.1.0":\n  version: 2.1.0\n',
  'pnpm-lock.yaml':
    "lockfileVersion: '9.0'\n\npackages:\n\n  a@1.0.0:\n    resolution: {integrity: x}\n\n  '@s/b@2.0.0':\n    engines: {node: '>=8'}\n\n  '@s/b@2.1.0(a@1.0.0)':\n    x: y\n",
  'bun.lock':
    '{\n  "lockfileVersion": 1,\n  "packages": {\n    "a": ["a@1.0.0", "", {}, "sha"],\n    "@s/b": ["@s/b@2.0.0", ""],\n    "a/@s/b": ["@s/b@2.1.0", ""],\n  }\n}',
};

describe('readLockFile()', () => {
  it.each(Object.entries(LOCKS))(
    'readLockFile() reads %s from a folder above (A8)',
    (name, content) => {
      put(name, content);
      mkdirSync(join(folder, 'deep/er'), { recursive: true });
      const locked = readLockFile(join(folder, 'deep/er'));
      expect(locked?.file).toEqual({ name, sha256: sha256(content) });
      expect([...(locked?.versions?.get('a') ?? [])]).toEqual(['1.0.0']);
      expect([...(locked?.versions?.get('@s/b') ?? [])].sort()).toEqual(['2.0.0', '2.1.0']);
    },
  );

  it('readLockFile() hashes a file that it cannot read', () => {
    put('package-lock.json', '{');
    expect(readLockFile(folder)).toEqual({
      folder,
      file: { name: 'package-lock.json', sha256: sha256('{') },
      versions: null,
    });
  });
});

describe('productionPackages()', () => {
  beforeEach(() => {
    const manifest = (path: string, fields: object) =>
      put(`${path}/package.json`, JSON.stringify(fields));
    put('package-lock.json', LOCKS['package-lock.json']);
    manifest('.', {
      name: 'own',
      dependencies: { a: '1', linked: '1', gone: '1' },
      optionalDependencies: { never: '1' },
      devDependencies: { tool: '1' },
    });
    manifest('node_modules/a', {
      version: '1.0.0',
      dependencies: { '@s/b': '2' },
      peerDependencies: { peer: '*', absent: '*' },
    });
    manifest('node_modules/a/node_modules/@s/b', { version: '2.2.0', dependencies: { a: '1' } });
    manifest('node_modules/@s/b', { version: '2.0.0' });
    manifest('node_modules/peer', { version: '3.0.0' });
    manifest('node_modules/tool', { version: '9.0.0' });
    manifest('packages/linked', { version: '0.1.0', dependencies: { '@s/b': '2' } });
    symlinkSync(join(folder, 'packages/linked'), join(folder, 'node_modules/linked'), 'junction');
    mkdirSync(join(folder, 'src'));
  });

  it('productionPackages() follows dependencies as Node finds them, and compares them with the lock file (A8)', () => {
    const at = join(folder, 'src');
    expect(productionPackages(at, readLockFile(at))).toEqual({
      program: 'own',
      versions: { '@s/b': '2.0.0, 2.2.0', a: '1.0.0', linked: '0.1.0', peer: '3.0.0' },
      differences: [
        { name: '@s/b', installed: '2.2.0', locked: ['2.0.0', '2.1.0'] },
        { name: 'gone', installed: null, locked: [] },
        { name: 'peer', installed: '3.0.0', locked: [] },
      ],
    });
    expect(productionPackages(at, null).differences).toEqual([
      { name: 'gone', installed: null, locked: [] },
    ]);
  });

  it('allPackages() lists those of development too', () => {
    expect(allPackages(join(folder, 'src'))).toMatchObject({
      tool: '9.0.0',
      '@s/b': '2.0.0, 2.2.0',
      linked: '0.1.0',
    });
  });
});

describe('readResourceLimits()', () => {
  it('readResourceLimits() takes the tightest of the groups of version 2 (A8)', () => {
    put('proc/self/cgroup', '0::/a/b\n');
    put('sys/fs/cgroup/a/b/memory.max', 'max\n');
    put('sys/fs/cgroup/a/memory.max', '2000000000\n');
    put('sys/fs/cgroup/a/b/cpu.max', '150000 100000\n');
    put('sys/fs/cgroup/a/cpu.max', 'max 100000\n');
    expect(readResourceLimits({ root: folder })).toEqual({ cpu: 1.5, memory_bytes: 2e9 });
  });

  it('readResourceLimits() reads version 1, in a container at the root of the groups', () => {
    put('proc/self/cgroup', '4:memory:/docker/0a\n1:cpu,cpuacct:/docker/0a\n0::/\n');
    put('sys/fs/cgroup/memory/memory.limit_in_bytes', '3000000000\n');
    put('sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us', '50000\n');
    put('sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us', '100000\n');
    expect(readResourceLimits({ root: folder })).toEqual({ cpu: 0.5, memory_bytes: 3e9 });
    put('sys/fs/cgroup/memory/memory.limit_in_bytes', '9223372036854771712\n');
    put('sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us', '-1\n');
    expect(readResourceLimits({ root: folder })).toEqual({ cpu: null, memory_bytes: null });
  });

  it('readResourceLimits() finds none where there are no groups', () => {
    expect(readResourceLimits({ root: folder })).toEqual({ cpu: null, memory_bytes: null });
  });
});

describe('readContainer()', () => {
  const at = (env: NodeJS.ProcessEnv = {}) => readContainer({ env, root: folder });

  it('readContainer() tells the kinds, and the image where it can be known (A8)', () => {
    expect(at()).toBeNull();
    put('proc/self/cgroup', '1:cpu:/docker/0a\n');
    expect(at()).toEqual({ kind: 'docker', image: null, image_id: null });
    put(
      'run/.containerenv',
      'engine="podman-4"\nname="mine"\nimage="example.org/a:1"\nimageid="0af7"\n',
    );
    expect(at()).toEqual({ kind: 'podman', image: 'example.org/a:1', image_id: '0af7' });
    expect(at({ KUBERNETES_SERVICE_HOST: '10.0.0.1' })?.kind).toBe('kubernetes');
    const image = { image: 'torch.sif', image_id: null };
    expect(at({ SINGULARITY_CONTAINER: '/home/somebody/torch.sif' })).toEqual({
      kind: 'singularity',
      ...image,
    });
    expect(
      at({ APPTAINER_CONTAINER: '/home/somebody/torch.sif', SINGULARITY_CONTAINER: 'x' }),
    ).toEqual({
      kind: 'apptainer',
      ...image,
    });
  });
});

describe('readJob()', () => {
  it('readJob() reads Slurm, PBS and MPI, without the names of machines (A8)', () => {
    expect(readJob({ PATH: '/bin' })).toBeNull();
    const slurm = {
      SLURM_JOB_ID: '17',
      SLURM_JOB_NUM_NODES: '2',
      SLURM_NTASKS: '8',
      SLURM_PROCID: '3',
      SLURM_LOCALID: '1',
      SLURM_JOB_NODELIST: 'gpu[1-2]',
    };
    expect(readJob(slurm)).toEqual({
      scheduler: 'slurm',
      job_id: '17',
      array_task_id: null,
      nodes: 2,
      cpus_per_task: null,
      rank: 3,
      local_rank: 1,
      world_size: 8,
    });
    expect(readJob({ PBS_JOBID: '42[7].server.example.org' })).toMatchObject({
      scheduler: 'pbs',
      job_id: '42[7]',
    });
    expect(readJob({ OMPI_COMM_WORLD_RANK: '0', OMPI_COMM_WORLD_SIZE: '4' })).toMatchObject({
      scheduler: null,
      rank: 0,
      world_size: 4,
    });
  });
});

describe('withoutMachine()', () => {
  const names = {
    home: '/home/somebody',
    workingFolder: '/home/somebody/work',
    temporaryFolder: '/tmp',
    user: 'alice',
    host: 'node17',
  };
  it.each([
    ['/home/somebody/work/a.js', './a.js'],
    ['-I/home/somebody/x:/home/somebody', '-I~/x:~'],
    [`/home/${OTHER_USER}/x`, `/home/${OTHER_USER}/x`],
    ['/data/alice/x', '/data/<user>/x'],
    ['alice in a word', 'alice in a word'],
    ['http://node17:80', 'http://<host>:80'],
    ['node170', 'node170'],
    [`/${TMP}/x`, '<tmp>/x'],
    ['/tmpfs/x', '/tmpfs/x'],
  ])('withoutMachine() makes %p into %p', (value, expected) => {
    expect(withoutMachine(value, names)).toBe(expected);
  });
});
