import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { Generator } from '../../src/index';

const LIBRARY = JSON.stringify(join(__dirname, '../../dist/index.js'));
const ROOT = Generator.fromSeed(42);

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'pixelis with space '));
  writeFileSync(
    join(folder, 'worker.cjs'),
    `const { parentPort, workerData } = require('node:worker_threads');
     parentPort.postMessage({
       first: Math.random(), workerData, argv: process.argv.slice(2), execArgv: process.execArgv,
       mine: process.env.MINE ?? null, preloaded: globalThis.preloaded ?? null,
     });`,
  );
  writeFileSync(join(folder, 'preload.cjs'), 'globalThis.preloaded = Math.random();');
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Runs a program in a fresh process, in which `first(worker)` awaits a worker's first message, and returns what it reports. */
function run(program: string, flags: readonly string[] = [], extension = 'mjs'): unknown {
  const path = join(folder, `main.${extension}`);
  const head =
    extension === 'mjs'
      ? `import { once } from 'node:events'; import { createRequire } from 'node:module';
         import { Worker, SHARE_ENV } from 'node:worker_threads';
         const { setGlobalSeed, seedWorker } = createRequire(import.meta.url)(${LIBRARY});
         const here = new URL('.', import.meta.url);`
      : '';
  writeFileSync(
    path,
    `${head}
     const first = async (worker) => (await once(worker, 'message'))[0];
     ${program}`,
  );
  const environment = { ...process.env, NODE_OPTIONS: '' };
  const output = execFileSync(process.execPath, [...flags, path], {
    encoding: 'utf8',
    env: environment,
  });
  return JSON.parse(output);
}

function thread(index: number, parent = ROOT): Generator {
  return parent.fork(`thread/${index}`);
}

function firstRandom(generator: Generator): number {
  return generator.fork('Math.random').uniform();
}

describe('setGlobalSeed(), in worker threads', () => {
  it('setGlobalSeed() gives each worker thread another, predictable stream (A1)', () => {
    const results = run(`
      setGlobalSeed(42);
      const workers = [0, 1, 2].map(() => new Worker(new URL('worker.cjs', here)));
      const messages = await Promise.all(workers.map(first));
      console.log(JSON.stringify([Math.random(), ...messages.map((message) => message.first)]));`);
    expect(results).toEqual([firstRandom(ROOT), ...[0, 1, 2].map((n) => firstRandom(thread(n)))]);
  });

  it('setGlobalSeed() leaves what the user gives to a worker as it is', () => {
    const results = run(
      `
      setGlobalSeed(42);
      process.env.MINE = 'shared';
      const file = new URL('worker.cjs', here);
      const preload = ['--require', ${JSON.stringify('PRELOAD')}];
      const options = { workerData: { a: [1] }, argv: ['x'], env: { MINE: 'own' }, execArgv: preload };
      const copy = structuredClone(options);
      const messages = [
        await first(new Worker(file, options)),
        await first(new Worker(file, { env: SHARE_ENV })),
        await first(new Worker(file, { env: SHARE_ENV, execArgv: [] })),
      ];
      console.log(JSON.stringify([messages, options, copy]));`.replace(
        'PRELOAD',
        JSON.stringify(join(folder, 'preload.cjs')).slice(1, -1),
      ),
    );
    const preload = ['--require', join(folder, 'preload.cjs')];
    const options = {
      workerData: { a: [1] },
      argv: ['x'],
      env: { MINE: 'own' },
      execArgv: preload,
    };
    const seeded = thread(0).fork('Math.random');
    const preloaded = seeded.uniform();
    const message = { argv: [], execArgv: [], mine: 'shared', preloaded: null };
    expect(results).toEqual([
      [
        {
          first: seeded.uniform(),
          workerData: { a: [1] },
          argv: ['x'],
          execArgv: preload,
          mine: 'own',
          preloaded,
        },
        { ...message, first: firstRandom(thread(1)) },
        { ...message, first: firstRandom(thread(2)) },
      ],
      options,
      options,
    ]);
  });

  it('setGlobalSeed() reaches the workers of workers, programs given as text, and ES modules', () => {
    const results = run(`
      setGlobalSeed(42);
      const nested = \`const { parentPort, Worker } = require('node:worker_threads');
        new Worker("require('node:worker_threads').parentPort.postMessage(Math.random())", { eval: true })
          .on('message', (inner) => parentPort.postMessage([Math.random(), inner]));\`;
      const module = 'import { parentPort } from "node:worker_threads"; parentPort.postMessage(Math.random())';
      console.log(JSON.stringify([
        await first(new Worker(nested, { eval: true })),
        await first(new Worker(new URL('data:text/javascript,' + encodeURIComponent(module)))),
      ]));`);
    expect(results).toEqual([
      [firstRandom(thread(0)), firstRandom(thread(0, thread(0)))],
      firstRandom(thread(1)),
    ]);
  });

  it('setGlobalSeed() works under flags of Node that a worker refuses', () => {
    const flags = [
      '--expose-gc',
      '--max-old-space-size=200',
      '--random-seed=1',
      '--conditions',
      'x',
    ];
    const results = run(
      `setGlobalSeed(42);
       const { first: number, execArgv } = await first(new Worker(new URL('worker.cjs', here)));
       console.log(JSON.stringify([number, execArgv]));`,
      flags,
    );
    expect(results).toEqual([firstRandom(thread(0)), ['--conditions', 'x']]);
  });

  it('setGlobalSeed() counts only the workers that start, and throws what the class throws', () => {
    const results = run(`
      setGlobalSeed(42);
      const errors = [];
      for (const options of [{ workerData: () => 1 }, { execArgv: 'text' }, { execArgv: ['--wrong'] }]) {
        try { new Worker('', { eval: true, ...options }); } catch (error) { errors.push(error.code); }
      }
      const { first: number } = await first(new Worker(new URL('worker.cjs', here)));
      console.log(JSON.stringify([errors, number]));`);
    expect(results).toEqual([
      [25, 'ERR_INVALID_ARG_TYPE', 'ERR_WORKER_INVALID_EXEC_ARGV'],
      firstRandom(thread(0)),
    ]);
  });

  it('restore() gives new workers back their own randomness; instanceof and subclasses hold', () => {
    const results = run(`
      const before = new Worker('', { eval: true });
      const seeded = setGlobalSeed(42);
      class Derived extends Worker {}
      const during = new Derived(new URL('worker.cjs', here));
      const checks = [before instanceof Worker, during instanceof Derived, during instanceof Worker];
      const message = await first(during);
      seeded.restore();
      checks.push(before instanceof Worker, during instanceof Worker);
      const after = await Promise.all([1, 2].map(() => first(new Worker(new URL('worker.cjs', here)))));
      console.log(JSON.stringify([checks, message.first, after.map((m) => m.first)]));`);
    expect(results).toEqual([
      [true, true, true, true, true],
      firstRandom(thread(0)),
      [expect.any(Number), expect.any(Number)],
    ]);
    const again = JSON.stringify(results);
    expect(again).not.toContain(String(firstRandom(thread(1))));
  });

  it('seedWorker() seeds Math.random of the worker that calls it, over what its thread was given (A3)', () => {
    const results = run(`
      const { getReproducibleDataLoaderOptions } = createRequire(import.meta.url)(${LIBRARY});
      setGlobalSeed(1);
      const program = \`const { parentPort, workerData } = require('node:worker_threads');
        const { seedWorker } = require(workerData.library);
        const generator = seedWorker(workerData.workerId, workerData.options);
        parentPort.postMessage([Math.random(), generator.uniform()]);\`;
      const options = getReproducibleDataLoaderOptions(42);
      const start = (workerId) =>
        first(new Worker(program, { eval: true, workerData: { library: ${LIBRARY}, workerId, options } }));
      console.log(JSON.stringify([await start(0), await start(1)]));`);
    const loader = ROOT.fork('data_loader');
    const expected = [0, 1].map((workerId) => {
      const generator = loader.fork(`worker/${workerId}`);
      return [firstRandom(generator), generator.uniform()];
    });
    expect(results).toEqual(expected);
  });
});
