/**
 * Installs what the services tests need of the operating system (a C++ compiler, MPI, Slurm, the Vulkan loader and a software Vulkan device) on Debian
 * and Ubuntu. What is there already is left alone.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { softwareVulkanDriver } from './software-vulkan.cjs';

/** What must be there, how to see that it is, and the packages that bring it. */
const NEEDS = [
  { isThere: () => hasCommand('c++'), packages: ['g++'] },
  {
    isThere: () => hasCommand('mpirun') && hasCommand('mpicxx'),
    packages: ['openmpi-bin', 'libopenmpi-dev'],
  },
  {
    isThere: () => answer('ldconfig', ['-p']).includes('libvulkan.so.1'),
    packages: ['libvulkan1'],
  },
  {
    isThere: () => hasCommand('sbatch') && hasCommand('munge'),
    packages: ['slurm-wlm', 'munge'],
  },
];

/** @param folder Where what is unpacked rather than installed goes. */
export function installSystem(folder) {
  if (process.platform !== 'linux') return;
  const missing = NEEDS.filter(({ isThere }) => !isThere()).flatMap(({ packages }) => packages);
  if (missing.length > 0) aptInstall(missing);
  if (softwareVulkanDriver(folder) === undefined) installVulkanDriver(folder);
}

/** SwiftShader from Debian's Chromium, unpacked; elsewhere lavapipe. */
function installVulkanDriver(folder) {
  const target = join(folder, 'vulkan');
  rmSync(target, { recursive: true, force: true });
  mkdirSync(target, { recursive: true });
  apt(['update', '-qq']);
  if (spawnSync('apt-get', ['download', '-qq', 'chromium-common'], { cwd: target }).status === 0) {
    const file = readdirSync(target).find((name) => name.endsWith('.deb'));
    if (file !== undefined) {
      run('dpkg-deb', ['-x', join(target, file), target]);
      rmSync(join(target, file));
    }
  } else {
    aptInstall(['mesa-vulkan-drivers']);
  }
  if (softwareVulkanDriver(folder) !== undefined) return;
  fail(
    'there is no software Vulkan device',
    'install SwiftShader or lavapipe, and name its ICD file in PIXELIS_VULKAN_ICD',
  );
}

function aptInstall(packages) {
  process.stderr.write(`installing ${packages.join(' ')}\n`);
  apt(['update', '-qq']);
  apt(['install', '--yes', '-qq', '--no-install-recommends', ...packages]);
}

function apt(options) {
  if (!hasCommand('apt-get'))
    fail(
      'this system has no apt-get',
      'install a C++ compiler, Open MPI with its headers, Slurm with munge, the Vulkan loader and SwiftShader by hand',
    );
  const isRoot = process.getuid?.() === 0;
  run(isRoot ? 'apt-get' : 'sudo', isRoot ? options : ['-n', 'apt-get', ...options], {
    DEBIAN_FRONTEND: 'noninteractive',
  });
}

function run(program, options, environment = {}) {
  const { status, error } = spawnSync(program, options, {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, ...environment },
  });
  if (status === 0) return;
  fail(
    `${program} ${options.join(' ')} failed${error ? `: ${error.message}` : ''}`,
    'see what it says above; installing needs root',
  );
}

function hasCommand(name) {
  return spawnSync('sh', ['-c', `command -v ${name}`]).status === 0;
}

function answer(program, options) {
  const { stdout, status } = spawnSync(program, options, { encoding: 'utf8' });
  return status === 0 ? stdout : '';
}

function fail(problem, remedy) {
  process.stderr.write(`error: ${problem}\nremedy: ${remedy}\n`);
  process.exit(3);
}
