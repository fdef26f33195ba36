import workerThreads from 'node:worker_threads';

import { UsageError } from '@pixelis/core';
import * as tfData from '@tensorflow/tfjs-data';
import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';

import { Generator } from './generator';
import { setGlobalSeed } from './global-seed';

/** Everything that seeding takes over, as it is now. */
function surroundings(): unknown[] {
  return [
    Object.getOwnPropertyDescriptor(Math, 'random'),
    Object.getOwnPropertyDescriptor(workerThreads, 'Worker'),
    process.env['PYTHONHASHSEED'],
    Object.getOwnPropertyDescriptor(tfData.Dataset.prototype, 'shuffle')?.value,
    tf.getKernelsForBackend('tensorflow').map((kernel) => kernel.kernelFunc),
  ];
}

function draws(count = 3): number[] {
  return Array.from({ length: count }, () => Math.random());
}

describe('setGlobalSeed()', () => {
  const before = surroundings();
  afterEach(() => expect(surroundings()).toEqual(before));

  it('setGlobalSeed() makes Math.random draw from the fork "Math.random" (A1)', () => {
    using seeded = setGlobalSeed(42);
    const stream = Generator.fromSeed(42).fork('Math.random');
    expect(draws()).toEqual([stream.uniform(), stream.uniform(), stream.uniform()]);
    expect(seeded.seed).toBe(42);
    expect(seeded.generator.state()).toEqual(Generator.fromSeed(42).state());
  });

  it('setGlobalSeed() takes 0 for a seed and gives other numbers for other seeds (A1)', () => {
    const streams = [0, 0, 1].map((seed) => {
      using seeded = setGlobalSeed(seed);
      return seeded.seed === seed && draws().join(' ');
    });
    expect(streams[0]).toBe(streams[1]);
    expect(streams[0]).not.toBe(streams[2]);
  });

  it('setGlobalSeed() sets PYTHONHASHSEED to the seed modulo 2^32 (A1)', () => {
    const seeded = setGlobalSeed(2 ** 32 + 5);
    expect(process.env['PYTHONHASHSEED']).toBe('5');
    seeded.restore();
    expect(process.env['PYTHONHASHSEED']).toBeUndefined();
  });

  it('setGlobalSeed() restores a PYTHONHASHSEED that was there', () => {
    process.env['PYTHONHASHSEED'] = 'random';
    setGlobalSeed(1).restore();
    expect(process.env['PYTHONHASHSEED']).toBe('random');
    delete process.env['PYTHONHASHSEED'];
  });

  it.each([-1, 1.5, NaN, 2 ** 53])('setGlobalSeed() refuses %p and changes nothing', (seed) => {
    expect(() => setGlobalSeed(seed)).toThrow(UsageError);
    expect(surroundings()).toEqual(before);
  });

  it('restore() leaves alone what others put in place meanwhile', () => {
    const original = Math.random;
    const seeded = setGlobalSeed(1);
    const theirs = () => 0.5;
    Math.random = theirs;
    seeded.restore();
    expect(Math.random).toBe(theirs);
    Math.random = original;
  });

  it('restore() of the earlier of two seeds keeps the later in force', () => {
    const first = setGlobalSeed(7);
    const second = setGlobalSeed(7);
    const expected = Generator.fromSeed(7).fork('Math.random').uniform();
    first.restore();
    first.restore();
    expect(Math.random()).toBe(expected);
    expect(process.env['PYTHONHASHSEED']).toBe('7');
    second.restore();
  });

  describe('with the module of TensorFlow.js', () => {
    const module = { ...tf, data: tfData };

    async function sample(): Promise<unknown[]> {
      const tensors = [
        tf.randomNormal([4]),
        tf.randomNormal([4], 0, 1, 'float32', 0),
        tf.randomUniform([4]),
        tf.randomUniform([4], 0, 1, 'float32', 0),
        tf.randomUniformInt([4], 0, 1000),
        tf.randomStandardNormal([4]),
        tf.truncatedNormal([4]),
        tf.truncatedNormal([4], 0, 1, 'float32', 0),
        tf.randomGamma([4], 2),
        tf.multinomial(tf.ones<tf.Rank.R1>([8]), 16),
        tf.multinomial(tf.ones<tf.Rank.R1>([8]), 16, 0),
        tf.dropout(tf.ones([64]), 0.5),
        tf.dropout(tf.ones([64]), 0.5),
      ];
      const list = Array.from({ length: 50 }, (_, index) => index);
      tf.util.shuffle(list);
      const batches = [
        await tfData.array(list).shuffle(50).toArray(),
        await tfData.array(list).shuffle(50).toArray(),
      ];
      return [...(await Promise.all(tensors.map((tensor) => tensor.data()))), list, ...batches];
    }

    beforeAll(() => {
      tf.env().set('IS_TEST', true);
      return tf.setBackend('cpu');
    });

    it('setGlobalSeed() seeds every random operation, those with seed 0 too (A1)', async () => {
      const samples: unknown[][] = [];
      for (const seed of [0, 0, 1]) {
        const seeded = setGlobalSeed(seed, { tf: module });
        samples.push(await sample());
        seeded.restore();
      }
      const [first, second, other] = samples;
      expect(second).toEqual(first);
      first!.forEach((values, index) => {
        // The uniform numbers of seed 0 are those of any run: there, 0 does count as a seed.
        if (index === 3) expect(other![index]).toEqual(values);
        else expect(other![index]).not.toEqual(values);
      });
      // No seed means other numbers at each call, as dropout needs.
      expect(first![11]).not.toEqual(first![12]);
      expect(first![14]).not.toEqual(first![15]);
    });

    it('setGlobalSeed() takes 0 for a seed of Dataset.shuffle and passes on other seeds', async () => {
      const order = (seed: unknown): Promise<unknown> => {
        const dataset = tfData.array([1, 2, 3, 4, 5, 6, 7, 8]);
        // The declared type is text, the documented one a number.
        const shuffled: unknown = Reflect.apply(
          Reflect.get(dataset, 'shuffle') as () => unknown,
          dataset,
          [8, seed],
        );
        if (!(shuffled instanceof tfData.Dataset)) throw new Error('Not a data set');
        return shuffled.toArray();
      };
      const plain = await order(5);
      const zero = await order('0');
      const seeded = setGlobalSeed(1, { tf: module });
      const orders = [await order(5), await order(0)];
      seeded.restore();
      expect(orders).toEqual([plain, zero]);
    });
  });

  describe('with a native backend', () => {
    const seeds: unknown[] = [];
    const kernel = {
      kernelName: 'Multinomial',
      backendName: 'tensorflow',
      kernelFunc: ({ attrs }: { attrs?: object }) => {
        seeds.push(attrs !== undefined && 'seed' in attrs ? attrs.seed : undefined);
        return [];
      },
    };
    const call = (seed: number) =>
      tf
        .getKernel('Multinomial', 'tensorflow')
        .kernelFunc({ inputs: {}, backend: {}, attrs: { numSamples: 1, seed, normalized: false } });

    it('setGlobalSeed() gives multinomial integer seeds where it has none, and undoes it', () => {
      tf.registerKernel(kernel);
      const outer = setGlobalSeed(3, { tf });
      const inner = setGlobalSeed(3, { tf });
      call(0.25);
      call(0.25);
      call(77);
      outer.restore();
      call(0.25);
      inner.restore();
      call(0.25);
      const stream = Generator.fromSeed(3).fork('multinomial');
      const expected = Array.from({ length: 3 }, () => stream.integer(1, 2 ** 31));
      expect(seeds).toEqual([expected[0], expected[1], 77, expected[2], 0.25]);
      expect(tf.getKernel('Multinomial', 'tensorflow')).toBe(kernel);
      tf.unregisterKernel('Multinomial', 'tensorflow');
    });
  });
});
