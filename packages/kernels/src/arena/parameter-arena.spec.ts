import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { adamWOf, normOf, sumOfShards } from '../../test/arena-definition';
import { CHUNK_ENTRIES } from './arena-layout';
import {
  type AdamWScalars,
  ParameterArena,
  type ParameterRange,
  type SharedArena,
} from './parameter-arena';

const SCALARS: AdamWScalars = {
  stepSize: 0.0123,
  beta1: 0.9,
  beta2: 0.999,
  rootCorrection: 0.0316,
  epsilon: 1e-8,
  decay: 3e-4,
};

const SIZES = [1, 3, 511, 512, 513, CHUNK_ENTRIES - 1, CHUNK_ENTRIES + 1, 3 * CHUNK_ENTRIES + 7];

describe('ParameterArena', () => {
  it.each(SIZES)('does a step of %i entries as it is defined, on any number of threads', (size) => {
    const gradients = [1, 2, 3].map((seed) => noise(size, seed));
    const total = sumOfShards(gradients);
    const mean = total.map((value) => value / Math.fround(5.3));
    const start = { parameters: noise(size, 7), firstMoments: noise(size, 8, 0.01) };
    const secondMoments = noise(size, 9, 0.01).map(Math.abs);
    const cut = Math.floor(size / 3);
    const ranges = rangesOf(size, cut);
    const expected = adamWOf({ ...start, secondMoments }, mean, {
      ...SCALARS,
      factor: 0.7,
      isDecayed: (entry) => entry >= cut,
    });

    for (const threads of [1, 2, 3, 8]) {
      const arenas = arenasOf(size, threads);
      const [arena] = arenas as [ParameterArena];
      arena.parameters.set(start.parameters);
      arena.firstMoments.set(start.firstMoments);
      arena.secondMoments.set(secondMoments);
      arena.beginStep();
      for (const [index, gradient] of gradients.entries())
        arenas[index % threads]!.addShard(index, [gradient]);
      expect(same(arena.gradients, total)).toBe(true);

      for (const each of arenas) each.average(gradients.length, 5.3);
      expect(same(arena.gradients, mean)).toBe(true);
      expect(arenas.map((each) => each.norm())).toEqual(arenas.map(() => normOf(mean)));

      for (const each of arenas) each.adamW(ranges, { ...SCALARS, factor: 0.7 });
      expect(same(arena.parameters, expected.parameters)).toBe(true);
      expect(same(arena.firstMoments, expected.firstMoments)).toBe(true);
      expect(same(arena.secondMoments, expected.secondMoments)).toBe(true);
      expect(same(arena.gradients, mean)).toBe(true);
    }
  });

  it('starts with zeros, and a step sees nothing of the one before', () => {
    const arena = new ParameterArena(ParameterArena.allocate({ size: 3, threads: 1 }), 0);
    expect([...arena.parameters, ...arena.gradients]).toEqual([0, 0, 0, 0, 0, 0]);

    for (const value of [NaN, 2]) {
      arena.beginStep();
      arena.addShard(0, [new Float32Array(3).fill(value)]);
      arena.average(1, 1);
    }

    expect(arena.norm()).toBe(Math.sqrt(12));
  });

  it.each([
    ['NaN', [1, NaN, 3], NaN],
    ['an infinity', [1, -Infinity, 3], Infinity],
    ['squares beyond float32', [1, 1e30, 3], Infinity],
  ])('tells of %s in the norm', (_, gradient, norm) => {
    const arena = new ParameterArena(ParameterArena.allocate({ size: 3, threads: 1 }), 0);
    arena.beginStep();
    arena.addShard(0, [Float32Array.from(gradient)]);
    arena.average(1, 1);

    expect(arena.norm()).toBe(norm);
  });

  it('keeps a zero of a single shard negative, as no sum would', () => {
    const arena = new ParameterArena(ParameterArena.allocate({ size: 1, threads: 1 }), 0);
    arena.beginStep();
    arena.addShard(0, [Float32Array.of(-0)]);

    expect(arena.gradients[0]).toBe(-0);
  });

  it('refuses a gradient that does not fill the vector', () => {
    const arena = new ParameterArena(ParameterArena.allocate({ size: 5, threads: 1 }), 0);
    arena.beginStep();

    expect(() => arena.addShard(0, [new Float32Array(2), new Float32Array(2)])).toThrow(RangeError);
  });

  it('has threads wait for each other, so that any number of them gives the same bits', async () => {
    const size = 3 * CHUNK_ENTRIES + 5;
    const results = [];
    for (const threads of [1, 2, 5]) {
      const arena = new ParameterArena(ParameterArena.allocate({ size, threads }), 0);
      for (let step = 0; step < 5; step++) {
        arena.beginStep();
        await Promise.all(
          Array.from({ length: threads }, (_, thread) => stepInThread(arena.shared, thread, step)),
        );
      }
      results.push(Float32Array.from(arena.parameters));
    }

    const [one, ...others] = results as [Float32Array, ...Float32Array[]];
    expect(new Set(one).size).toBeGreaterThan(500);
    for (const several of others) expect(same(several, one)).toBe(true);
  });
});

// Helpers

/** Numbers in ±scale that need all bits of float32. */
function noise(size: number, seed: number, scale = 1): Float32Array {
  let state = seed;
  return Float32Array.from({ length: size }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    return (state / 2 ** 31) * scale;
  });
}

function rangesOf(size: number, cut: number): ParameterRange[] {
  return [
    { offset: 0, count: cut, isDecayed: false },
    { offset: cut, count: size - cut, isDecayed: true },
  ];
}

/** The arena as each of its threads sees it. */
function arenasOf(size: number, threads: number): ParameterArena[] {
  const shared = ParameterArena.allocate({ size, threads });
  return Array.from({ length: threads }, (_, thread) => new ParameterArena(shared, thread));
}

function same(found: Float32Array, expected: Float32Array): boolean {
  return bytesOf(found).equals(bytesOf(expected));
}

function bytesOf({ buffer, byteOffset, byteLength }: Float32Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength);
}

/** One thread's part of a step of seven shards, in a worker that ends then. */
function stepInThread(shared: SharedArena, thread: number, step: number): Promise<void> {
  const code = `
    const { workerData } = require('node:worker_threads');
    const { ParameterArena } = require(workerData.kernels);
    const { shared, thread, step, scalars } = workerData;
    const arena = new ParameterArena(shared, thread);
    for (let shard = thread; shard < 7; shard += shared.threads) {
      const gradient = new Float32Array(shared.size);
      for (let i = 0; i < gradient.length; i++) gradient[i] = 1 / (1 + ((i * (shard + 3) + step) % 1009));
      arena.addShard(shard, [gradient]);
    }
    arena.average(7, 7);
    arena.meet();
    const factor = 1 / (1 + arena.norm());
    arena.adamW([{ offset: 0, count: shared.size, isDecayed: true }], { ...scalars, factor });
    arena.meet();`;
  const kernels = join(__dirname, '../../dist/arena/parameter-arena.js');
  const workerData = { shared, thread, step, kernels, scalars: SCALARS };
  const worker = new Worker(code, { eval: true, workerData });
  return new Promise((resolve, reject) => {
    worker.on('error', reject);
    worker.on('exit', () => resolve());
  });
}
