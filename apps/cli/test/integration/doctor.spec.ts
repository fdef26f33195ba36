import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runPixelis } from '../support/run-pixelis';
import { type Ending, pixelis } from '../support/programs';
import { useTemporaryFolder } from '../support/temporary-folder';

const temporaryFolder = useTemporaryFolder();
const cwd = temporaryFolder();

/** A machine with Node.js and nothing else: no program is found, no native library, no driver of Vulkan. */
const BARE = {
  PATH: '',
  PIXELIS_CACHE: join(cwd, 'cache'),
  VK_DRIVER_FILES: join(cwd, 'nowhere.json'),
};

describe('pixelis doctor', () => {
  it('says of a bare machine what works, what does not and what to do, in lines that fit', async () => {
    const { code, stdout, stderr } = await doctor([]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(new RegExp(`^  Node\\.js +${process.versions.node}$`, 'm'));
    for (const tool of ['compiler', 'python', 'pip', 'mpirun', 'mpicxx'])
      expect(stdout).toMatch(new RegExp(`^  ${tool} +missing, needed `, 'm'));
    expect(stdout).toMatch(/^ {2}wasm +works: wasm \(/m);
    expect(stdout).toMatch(/^ {2}reference +works: reference \(/m);
    expect(stdout).toMatch(/^ {2}cpu +does not work: .*\n(?: {13,}.*\n)*? +do: npx nx run/m);
    expect(stdout).toMatch(/^ {2}gpu +does not work: .*\n(?: {13,}.*\n)*? +do: npx nx run/m);
    if (process.platform === 'linux') expect(stdout).toMatch(/^ {2}webgpu +does not work: /m);
    const lines = stdout.split('\n').filter((line) => !line.includes(cwd));
    expect(Math.max(...lines.map(({ length }) => length))).toBeLessThanOrEqual(80);
  });

  it('prints the same as one JSON object', async () => {
    const { code, stdout } = await doctor(['--json']);
    expect(code).toBe(0);
    const found = JSON.parse(stdout) as Report;
    expect(found.machine).toMatchObject({
      node: { version: process.versions.node, is_supported: true },
      platform: process.platform,
      arch: process.arch,
      memory: { bytes: expect.any(Number) as number },
    });
    expect(found.native_cache.directory).toBe(BARE.PIXELIS_CACHE);
    expect(found.tools).toContainEqual(
      expect.objectContaining({ name: 'python', version: null, command: null }),
    );
    const available = found.backends.map(({ name, is_available }) => [name, is_available]);
    expect(available.slice(0, 4)).toEqual([
      ['wasm', true],
      ['reference', true],
      ['cpu', false],
      ['gpu', false],
    ]);
    for (const { is_available, problem } of found.backends) {
      if (is_available) expect(problem).toBeNull();
      else expect(problem).toMatchObject({ code: expect.stringMatching(/^[A-Z_]+$/) as string });
    }
  });

  it.each([
    ['wasm', 0],
    ['cpu', 3],
    ['gpu', 3],
  ])('--backend %s looks at it alone and ends with %i', async (name, expected) => {
    const { code, stdout } = await doctor(['--backend', name, '--json']);
    expect(code).toBe(expected);
    const { backends } = JSON.parse(stdout) as Report;
    expect(backends.map((one) => one.name)).toEqual([name]);
  });

  it('names a file of an installation that is cut short, and one that does not load', async () => {
    const problemOf = async (contents: Readonly<Record<string, string>>) => {
      const cache = temporaryFolder();
      installInto(cache, contents);
      const { stdout } = await doctor(['--backend', 'cpu', '--json'], { PIXELIS_CACHE: cache });
      return JSON.parse(stdout) as Report;
    };
    const cut = await problemOf({ 'tfjs_binding.node': 'short' });
    expect(cut.native_cache.installations[0]).toMatchObject({
      variant: 'cpu',
      problem: { code: 'NATIVE_INSTALLATION_BROKEN' },
    });
    expect(cut.backends[0]).toMatchObject({
      is_available: false,
      problem: {
        code: 'NATIVE_INSTALLATION_BROKEN',
        message: expect.stringContaining('tfjs_binding.node') as string,
      },
    });
    const garbage = await problemOf({});
    expect(garbage.native_cache.installations[0]).toMatchObject({ problem: null });
    expect(garbage.backends[0]).toMatchObject({
      is_available: false,
      problem: { remedy: expect.stringContaining('libtensorflow:install') as string },
    });
  });

  it('shows how far it is', async () => {
    const { stderr } = await runPixelis(['doctor', '--backend', 'wasm'], { cwd, columns: 80 });
    expect(stderr).toContain('\r\u001b[Kcomputing a product and a gradient on wasm');
    expect(stderr.endsWith('\r\u001b[K')).toBe(true);
  });

  it('refuses a backend that there is not', async () => {
    const { code, stderr } = await runPixelis(['doctor', '--backend', 'tpu'], { cwd });
    expect(code).toBe(2);
    expect(stderr).toMatch(/^error: .*tpu/);
  });
});

// Helpers

interface Report {
  readonly machine: object;
  readonly tools: readonly object[];
  readonly native_cache: { readonly directory: string; readonly installations: readonly object[] };
  readonly backends: readonly {
    readonly name: string;
    readonly is_available: boolean;
    readonly problem: object | null;
  }[];
}

function doctor(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Ending> {
  return pixelis(['doctor', ...args], { cwd, env: { ...BARE, ...env } });
}

const SIZE = 16;

/** What an installation looks like whose files are none; `contents` has another size than recorded. */
function installInto(cache: string, contents: Readonly<Record<string, string>>): void {
  const folder = join(cache, 'libtensorflow', 'cpu');
  mkdirSync(folder, { recursive: true });
  const names = ['tfjs_binding.node', 'loader.node'];
  for (const name of names) writeFileSync(join(folder, name), contents[name] ?? '#'.repeat(SIZE));
  const hash = 'a'.repeat(64);
  const record = {
    installation_version: 1,
    variant: 'cpu',
    tensorflow_version: '2.21.0',
    node_api_version: 8,
    platform: process.platform,
    arch: process.arch,
    tfjs_node_gpu_version: '4.22.0',
    created_at: '2026-01-01T00:00:00Z',
    wheels: { 'tensorflow.whl': hash },
    files: Object.fromEntries(names.map((name) => [name, { bytes: SIZE, sha256: hash }])),
  };
  writeFileSync(join(folder, 'installation.json'), JSON.stringify(record));
}
