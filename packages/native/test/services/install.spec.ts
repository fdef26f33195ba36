import { spawnSync } from 'node:child_process';
import {
  cpSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  truncateSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import {
  findNativeInstallation,
  type NativeAddon,
  nativeInstallationFolder,
  openNativeInstallation,
  verifyNativeInstallation,
} from '../../src';

/** The real thing: TensorFlow is installed into the user's cache unless it is there, as a user would. */
const PROGRAM = join(__dirname, '../../../../tools/libtensorflow/dist/main.js');
const LOAD_PROGRAM = join(__dirname, 'load-program.cjs');

interface Loaded {
  readonly addon: NativeAddon;
  readonly backend: string;
  readonly product: number[];
  /** Threads of the process. */
  readonly tasks: number;
  readonly error?: { readonly code: string; readonly message: string; readonly remedy: string };
}

let copy: string;

beforeAll(() => {
  const { status, stderr } = install(process.env);
  if (status !== 0) throw new Error(`libtensorflow:install ended with ${status}: ${stderr}`);
});
beforeEach(() => {
  copy = mkdtempSync(join(dirname(installedFolder()), 'test-'));
});
afterEach(() => {
  rmSync(copy, { recursive: true });
});

describe('libtensorflow:install', () => {
  it('leaves an installation whose every file is as its record says', async () => {
    const installation = findNativeInstallation({ variant: 'cpu' });

    expect(installation).toBeDefined();
    await expect(verifyNativeInstallation(installation!)).resolves.toBeUndefined();
  });

  it('keeps what works, and says where it is', () => {
    const { status, stdout, stderr } = install(process.env);

    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ status: 'kept', folder: installedFolder() });
    expect(stderr).toMatch(/the product of two matrices is right\n.*gradient.*\n.*SavedModel/);
    expect(stderr.trim().split('\n').at(-1)).toBe('next: npx nx run train:sft -- --backend cpu');
  });

  it('links the addon again where it is gone, without a wheel', () => {
    const environment = { ...copied(), PATH: process.env['PATH'], PIP_INDEX_URL: 'http://[::1]:1' };
    rmSync(join(copiedFolder(), 'tfjs_binding.node'));

    const { status, stdout, stderr } = install(environment);

    expect(stderr).toContain('tfjs_binding.node is missing');
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ status: 'linked', folder: copiedFolder() });
    expect(load(environment, 'cpu').product).toEqual([19, 22, 43, 50]);
  });
});

describe('loadNativeAddon()', () => {
  it('computes, and writes no banner', () => {
    const { stdout, stderr } = run(process.env, [LOAD_PROGRAM, 'cpu']);
    const loaded = JSON.parse(stdout) as Loaded;

    expect(stderr).toBe('');
    expect(loaded).toMatchObject({
      backend: 'tensorflow',
      product: [19, 22, 43, 50],
      addon: { origin: 'linked', isUsingGpu: false },
    });
    expect(loaded.addon.tensorflowVersion).toMatch(/^2\.\d+\.\d+$/);
  });

  it('shows the banner to who asks for it', () => {
    const { stderr } = run({ ...process.env, TF_CPP_MIN_LOG_LEVEL: '0' }, [LOAD_PROGRAM, 'cpu']);

    expect(stderr).toContain('oneDNN');
  });

  it('starts as many threads as it is told', () => {
    const one = load(process.env, 'cpu', '1');
    const four = load(process.env, 'cpu', '4');

    expect(one.addon.threads).toBe(1);
    expect(four.tasks - one.tasks).toBe(3);
  });

  it('names a library that is not TensorFlow', async () => {
    const environment = copied();
    const library = join(copiedFolder(), 'tensorflow', 'libtensorflow_framework.so.2');
    const { size } = statSync(library);
    rmSync(library);
    truncateSync(touched(library), size);

    const { error } = load(environment, 'cpu');
    expect(error).toMatchObject({ code: 'NATIVE_BACKEND_BROKEN' });
    expect(error?.message).toContain('libtensorflow_framework.so.2');
    await expect(
      verifyNativeInstallation(openNativeInstallation(copiedFolder())!),
    ).rejects.toMatchObject({ code: 'NATIVE_INSTALLATION_BROKEN' });
  });

  it('refuses the GPU where only the library for the CPU is installed', () => {
    expect(load(copied(), 'gpu').error).toMatchObject({ code: 'NATIVE_BACKEND_MISSING' });
  });
});

// Helpers

function install(environment: NodeJS.ProcessEnv) {
  return run(environment, [PROGRAM, '--variant', 'cpu', '--json']);
}

function load(environment: NodeJS.ProcessEnv, ...options: string[]): Loaded {
  return JSON.parse(run(environment, [LOAD_PROGRAM, ...options]).stdout) as Loaded;
}

function run(environment: NodeJS.ProcessEnv, options: string[]) {
  return spawnSync(process.execPath, options, { encoding: 'utf8', env: environment });
}

function installedFolder(): string {
  return nativeInstallationFolder({ variant: 'cpu' });
}

function copiedFolder(): string {
  return join(copy, 'libtensorflow', 'cpu');
}

/** A cache of its own with the same installation in it: the large files are links. Gives the environment to use it. */
function copied(): NodeJS.ProcessEnv {
  copyFolder(installedFolder(), copiedFolder());
  return { ...process.env, PIXELIS_CACHE: copy };
}

function copyFolder(from: string, to: string): void {
  mkdirSync(to, { recursive: true });
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    if (entry.isDirectory()) copyFolder(source, target);
    else if (entry.name.endsWith('.so.2')) linkSync(source, target);
    else cpSync(source, target);
  }
}

function touched(path: string): string {
  cpSync(__filename, path);
  return path;
}
