/**
 * Installs the foreign programs that `npm run test:services` compares with, into `.cache/services` (or `PIXELIS_SERVICES`): a virtual environment
 * for each `*.requirements.txt` here and the packages of `package.json`; what the system lacks; TensorFlow for the native backend and the binding of
 * MPI, by the project's own commands. What is there already is left alone.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { installSystem } from './install-system.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const target = process.env.PIXELIS_SERVICES ?? join(here, '..', '..', '.cache', 'services');
const isWindows = process.platform === 'win32';

for (const file of readdirSync(here).filter((name) => name.endsWith('.requirements.txt'))) {
  const folder = join(target, file.replace('.requirements.txt', ''));
  install(folder, readFileSync(join(here, file)), () => {
    const python = join(folder, isWindows ? 'Scripts' : 'bin', isWindows ? 'python.exe' : 'python');
    run(
      isWindows ? 'python' : 'python3',
      ['-m', 'venv', folder],
      'Install Python 3.10 or later with its venv module',
    );
    run(
      python,
      ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '-r', join(here, file)],
      'See what pip says above; the package index must be reachable',
    );
  });
}

const packages = ['package.json', 'package-lock.json'];
const folder = join(target, 'node');
install(folder, Buffer.concat(packages.map((name) => readFileSync(join(here, name)))), () => {
  mkdirSync(folder, { recursive: true });
  for (const name of packages) copyFileSync(join(here, name), join(folder, name));
  run(
    'npm',
    ['ci', '--prefix', folder, '--ignore-scripts', '--no-audit', '--no-fund'],
    'See what npm says above',
  );
});

installSystem(target);
const root = join(here, '..', '..');
for (const words of [
  ['tools/libtensorflow/dist/main.js', '--variant', 'cpu'],
  ['packages/distributed/dist/build-mpi.js'],
]) {
  const [program, ...options] = words;
  run(process.execPath, [join(root, program), ...options], 'See what it says above');
}

/** Installs into a new folder unless the one that is there was made from the same versions. */
function install(folder, versions, action) {
  const stamp = join(folder, 'installed-versions.sha256');
  const digest = createHash('sha256').update(versions).digest('hex');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === digest) return;
  process.stderr.write(`installing ${folder}\n`);
  rmSync(folder, { recursive: true, force: true });
  action();
  writeFileSync(stamp, digest);
}

function run(program, options, remedy) {
  const { status, error } = spawnSync(program, options, {
    stdio: ['ignore', 'inherit', 'inherit'],
    shell: isWindows,
  });
  if (status === 0) return;
  process.stderr.write(
    `error: ${program} ${options.join(' ')} failed${error ? `: ${error.message}` : ''}\nremedy: ${remedy}\n`,
  );
  process.exit(3);
}
