import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { probeBackend } from './probe-backend';

const folder = mkdtempSync(join(tmpdir(), 'pixelis-probe-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe('probeBackend()', () => {
  it.each(['wasm', 'reference'] as const)('computes on %s in another process', async (name) => {
    const { facts, problem } = await probeBackend(name);
    expect(problem).toBeNull();
    expect(facts).toMatchObject({ threads: 1, device: null, isSoftware: false });
    expect(facts?.description).toMatch(new RegExp(`^${name} \\(`));
    expect(facts?.durationMs).toBeGreaterThan(0);
  });

  it('tells what the backend was refused with', async () => {
    const { facts, problem } = await probeBackend('cpu', { env: without('libtensorflow') });
    expect(facts).toBeNull();
    expect(problem).toMatchObject({
      code: 'NATIVE_BACKEND_MISSING',
      remedy: expect.stringContaining('libtensorflow:install -- --variant cpu') as string,
    });
  });

  it('makes a line of a crash, with the last that the library said', async () => {
    const program = written(
      'console.error("first\\nlibrary: no such symbol\\n"); process.abort();',
    );
    const { facts, problem } = await probeBackend('gpu', { program });
    expect(facts).toBeNull();
    expect(problem?.code).toBe('BACKEND_CRASHED');
    expect(problem?.message).toMatch(/^Backend "gpu" ended its process \(.+\): .+/);
    expect(problem?.remedy).toContain('--variant gpu');
  });

  it('makes a line of an exit without an answer, and of messages that are none', async () => {
    const program = written('process.send({ hello: 1 }, () => process.exit(3));');
    const { problem } = await probeBackend('webgpu', { program });
    expect(problem).toMatchObject({
      code: 'BACKEND_CRASHED',
      message: 'Backend "webgpu" ended its process (exit code 3)',
    });
  });

  it('ends one that gives no answer', async () => {
    const program = written('setInterval(() => {}, 1000);');
    const { problem } = await probeBackend('wasm', { program, timeoutMs: 200 });
    expect(problem?.code).toBe('BACKEND_HANGS');
  });

  it('takes the answer of one whose library crashes afterwards', async () => {
    const program = written('process.send({ problem: { code: "X", message: "m", remedy: "r" } }, () => process.abort());'); // prettier-ignore
    const { problem } = await probeBackend('wasm', { program });
    expect(problem).toEqual({ code: 'X', message: 'm', remedy: 'r' });
  });

  it('ends with its signal', async () => {
    const controller = new AbortController();
    const program = written('setInterval(() => {}, 1000);');
    const probe = probeBackend('wasm', { program, signal: controller.signal });
    controller.abort(new RangeError('stop'));
    await expect(probe).rejects.toThrow('stop');
  });
});

// Helpers

let count = 0;

/** A program that stands for the one that loads the backend. */
function written(text: string): string {
  const path = join(folder, `program-${count++}.cjs`);
  writeFileSync(path, text);
  return path;
}

/** An environment in which a folder of the cache is not there. */
function without(name: string): NodeJS.ProcessEnv {
  return { ...process.env, PIXELIS_CACHE: join(folder, `without-${name}`) };
}
