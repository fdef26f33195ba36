import { existsSync } from 'node:fs';
import { getEnvironmentData, setEnvironmentData } from 'node:worker_threads';
import type { Worker, WorkerOptions } from 'node:worker_threads';

import { EnvironmentError, workerEntry } from '@pixelis/core';

import { Generator } from './generator';
import { inheritedExecArgv } from './worker-exec-argv';

type WorkerClass = typeof Worker;

const STATE_KEY = '@pixelis/reproducibility:thread';
const BOOTSTRAP = workerEntry(__filename, 'worker-bootstrap');
const unseededClasses = new WeakMap<WorkerClass, WorkerClass>();

/**
 * A class in the place of `workerClass` whose n-th worker (n from 0) is seeded with `generator`'s fork `thread/n` before its
 * own code runs. It adds a module to be loaded first; `workerData`, `env` and what else was given stay as they are.
 */
export function seededWorkerClass(workerClass: WorkerClass, generator: Generator): WorkerClass {
  const unseeded = unseededClasses.get(workerClass) ?? workerClass;
  let started = 0;
  // A proxy, unlike a subclass, leaves `instanceof` true for the workers that were made before and after.
  const seeded = new Proxy(unseeded, {
    construct(target, [filename, options]: ConstructorParameters<WorkerClass>, newTarget) {
      setEnvironmentData(STATE_KEY, generator.fork(`thread/${started}`).state());
      try {
        const worker: unknown = Reflect.construct(
          target,
          [filename, withBootstrap(unseeded, options)],
          newTarget,
        );
        started++;
        if (worker instanceof unseeded) return worker;
        throw new TypeError('Cannot start a worker: its class returned something else');
      } finally {
        setEnvironmentData(STATE_KEY, undefined);
      }
    },
  });
  unseededClasses.set(seeded, unseeded);
  return seeded;
}

/** In a worker thread: the generator that its parent meant for it, or undefined. Wipes the traces of handing it over. */
export function takeGeneratorFromParent(): Generator | undefined {
  const state: unknown = getEnvironmentData(STATE_KEY);
  if (state === undefined) return undefined;
  setEnvironmentData(STATE_KEY, undefined);
  const position = process.execArgv.indexOf(BOOTSTRAP);
  if (position !== -1) process.execArgv.splice(position - 1, 2);
  return Generator.fromState(state);
}

function withBootstrap(workerClass: WorkerClass, options: WorkerOptions = {}): WorkerOptions {
  const given: unknown = options.execArgv;
  // What is no list is for Node to refuse.
  if (given !== undefined && !Array.isArray(given)) return options;
  requireBootstrap();
  const execArgv = options.execArgv ?? inheritedExecArgv(workerClass);
  return { ...options, execArgv: ['--require', BOOTSTRAP, ...execArgv] };
}

/** Bundling leaves the file behind. */
function requireBootstrap(): void {
  if (existsSync(BOOTSTRAP)) return;
  throw new EnvironmentError('The module that seeds worker threads is missing', {
    code: 'WORKER_BOOTSTRAP_MISSING',
    remedy: 'Leave @pixelis/reproducibility out of the bundle, or build it.',
  });
}
