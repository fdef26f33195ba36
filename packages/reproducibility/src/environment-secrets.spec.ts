import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, hostname, tmpdir } from 'node:os';
import { join } from 'node:path';

import { sha256 } from '@pixelis/core';

import { captureEnvironment } from './environment';
import { isSecretFile } from './git-deny-list';

// In parts, so that no search for secrets and paths takes this file for one.
const PRIVATE_KEY = 'PRIVATE KEY';

/** Every planted secret holds it, so that one search finds any. */
const MARK = 'Qz7hushQz7';
/** Made in parts, so that no scanner takes it for real. */
const GITHUB = `ghp_${MARK}${'aB3dE6'.repeat(5)}`;
const PEM = `-----BEGIN ${PRIVATE_KEY}-----\nMII${MARK}${'aB3/'.repeat(12)}\n-----END PRIVATE KEY-----\n`;

let folder = '';
beforeAll(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'pixelis-')));
  git('init', '--quiet', '--initial-branch=trunk');
  git('remote', 'add', 'origin', `https://me:${MARK}@example.org/a/b.git`);
  for (const name of [
    'src/main.ts',
    '.env',
    '.env.local',
    'server.pem',
    'keys/ID_RSA',
    '.npmrc',
    'photo.bin',
    'gone.txt',
  ]) {
    put(name, 'before\n');
  }
  put('package.json', '{"name":"a","version":"1.0.0","dependencies":{}}');
  git('add', '--force', '.');
  git('commit', '--quiet', '--message=a');
  put(
    'src/main.ts',
    [
      'const seed = 42;',
      `const token = '${GITHUB}';`,
      `const options = { password: "${MARK}", "api_key": '${MARK}' };`,
      `fetch('https://me:${MARK}@example.org/?access_token=${MARK}');`,
      `// Authorization: Bearer ${MARK}12345678`,
      `AWS_SECRET_ACCESS_KEY=${MARK}${'a1/'.repeat(10)}`,
      `const home = '${homedir()}/data';`,
      PEM,
    ].join('\n'),
  );
  for (const name of ['.env', '.env.local', 'server.pem', 'keys/ID_RSA', '.npmrc'])
    put(name, `x ${MARK}\n`);
  put('photo.bin', Buffer.from([0, 1, 2, 0, 255]));
  rmSync(join(folder, 'gone.txt'));
  put('new-file.txt', MARK);
  put('new.key', MARK);
});
afterAll(() => rmSync(folder, { recursive: true }));

const argv = [
  '/opt/bin/node',
  '/x/train.js',
  '--token',
  MARK,
  `--api-key=${MARK}`,
  `data=https://me:${MARK}@example.org/`,
];
const env = {
  CUDA_VISIBLE_DEVICES: '0,1',
  NODE_OPTIONS: `--require ${homedir()}/hook.js --title=${GITHUB}`,
  OMP_NUM_THREADS: '2',
  TF_CPP_MIN_LOG_LEVEL: '2',
  TF_TOKEN_example_org: MARK,
  TF_VAR_password: MARK,
  WANDB_API_KEY: MARK,
  HOME: `/home/${MARK}`,
  USER: MARK,
  SLURM_JOB_NODELIST: MARK,
  SLURM_JOB_ID: '17',
};

describe('captureEnvironment()', () => {
  it.each(['basic', 'standard', 'complete'] as const)(
    'captureEnvironment() at level %s holds none of the planted secrets (A8, A9)',
    (level) => {
      const text = JSON.stringify(captureEnvironment({ level, folder, argv, env }));
      expect(text).not.toContain(MARK);
      expect(text).not.toContain(folder);
      if (homedir().length > 3) expect(text).not.toContain(homedir());
      if (hostname().length > 3) expect(text).not.toContain(hostname());
    },
  );

  it('captureEnvironment() keeps the rest of arguments and of the allowed variables', () => {
    const { standard } = captureEnvironment({ level: 'standard', folder, argv, env });
    expect(standard?.process).toMatchObject({
      argv: [
        'node',
        '/x/train.js',
        '--token',
        '[redacted]',
        '--api-key=[redacted]',
        'data=https://[redacted]@example.org/',
      ],
      variables: {
        CUDA_VISIBLE_DEVICES: '0,1',
        NODE_OPTIONS: '--require ~/hook.js --title=[redacted]',
        OMP_NUM_THREADS: '2',
        TF_CPP_MIN_LOG_LEVEL: '2',
        SLURM_JOB_ID: '17',
      },
    });
    expect(Object.keys(standard?.process.variables ?? {})).toHaveLength(5);
    expect(standard?.job).toMatchObject({ scheduler: 'slurm', job_id: '17', rank: null });
  });

  it('captureEnvironment() keeps the diff of tracked files, and names what it leaves out (A9)', () => {
    const { diff, complete, warnings } = captureEnvironment({
      level: 'complete',
      folder,
      argv,
      env,
    });
    expect(diff).toContain('-before\n+const seed = 42;\n');
    expect(diff).toContain("+const token = '[redacted]';");
    expect(diff).toContain("'~/data'");
    expect(diff).toContain('deleted file mode');
    expect(diff).toContain('Binary files a/photo.bin and b/photo.bin differ');
    expect(diff).not.toMatch(/npmrc|server\.pem|\.env/);
    const { changes } = complete ?? {};
    expect(changes).toMatchObject({
      diff_sha256: sha256(diff ?? ''),
      diff_bytes: Buffer.byteLength(diff ?? ''),
      untracked_files: ['new-file.txt'],
      untracked_count: 2,
    });
    expect(changes?.left_out).toEqual(
      expect.arrayContaining([
        { path: '.env', reason: 'secret' },
        { path: 'keys/ID_RSA', reason: 'secret' },
        { path: 'photo.bin', reason: 'binary' },
      ]),
    );
    expect(changes?.left_out).toHaveLength(6);
    expect(warnings.map(({ code }) => code)).toEqual(['GIT_DIRTY', 'DIFF_INCOMPLETE']);
  });

  it('captureEnvironment() warns of a dirty checkout at every level, with a remedy (A9)', () => {
    const { warnings } = captureEnvironment({ folder });
    expect(warnings).toEqual([
      {
        code: 'GIT_DIRTY',
        message: expect.stringContaining('no commit holds') as string,
        remedy: expect.stringContaining('commit them') as string,
      },
    ]);
  });
});

describe('isSecretFile()', () => {
  it.each([
    '.env',
    'a/.env.production',
    '.ENVRC',
    'x.pem',
    'a/b.key',
    'id_rsa.bak',
    'x.p12',
    'x.PFX',
    'aws-credentials',
    'Credentials.json',
    '.npmrc',
    '.netrc',
    '.aws/config',
    'a/.ssh/config',
    'prod.env',
  ])('isSecretFile() is true of %p', (path) => expect(isSecretFile(path)).toBe(true));
  it.each([
    'environment.ts',
    'src/keyboard.ts',
    'keys/readme.md',
    'pem.ts',
    'src/secret-name.ts',
    'monkey',
  ])('isSecretFile() is false of %p', (path) => expect(isSecretFile(path)).toBe(false));
});

function put(path: string, content: string | Buffer): void {
  mkdirSync(join(folder, path, '..'), { recursive: true });
  writeFileSync(join(folder, path), content);
}

function git(...commandArguments: string[]): void {
  const identity = [
    '-c',
    'user.name=A',
    '-c',
    'user.email=a@example.org',
    '-c',
    'commit.gpgsign=false',
  ];
  execFileSync('git', [...identity, ...commandArguments], { cwd: folder });
}
