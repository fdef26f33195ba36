import { IntegrityError, UsageError } from '@pixelis/core';

import { getReproducibleDataLoaderOptions, seedWorker } from './data-loader';
import { Generator } from './generator';

describe('seedWorker() and getReproducibleDataLoaderOptions()', () => {
  const random = Math.random;
  afterEach(() => {
    Math.random = random;
  });

  it('getReproducibleDataLoaderOptions() gives plain data that depends on the seed (A4)', () => {
    const options = getReproducibleDataLoaderOptions(0);
    expect(structuredClone(options)).toEqual(options);
    expect(options).toEqual(getReproducibleDataLoaderOptions(0));
    expect(options).not.toEqual(getReproducibleDataLoaderOptions(1));
    expect(() => getReproducibleDataLoaderOptions(-1)).toThrow(UsageError);
  });

  it('seedWorker() gives each worker its own predictable generator and Math.random (A3)', () => {
    const options = getReproducibleDataLoaderOptions(42);
    const streams = [0, 1, 2, 0].map((workerId) => {
      const generator = seedWorker(workerId, options);
      expect(generator.state()).toEqual(
        Generator.fromState(options.generator).fork(`worker/${workerId}`).state(),
      );
      return [generator.uint32(), Math.random()].join(' ');
    });
    expect(streams[3]).toBe(streams[0]);
    expect(new Set(streams).size).toBe(3);
  });

  it.each([-1, 0.5, NaN])('seedWorker() refuses the worker %p', (workerId) => {
    expect(() => seedWorker(workerId, getReproducibleDataLoaderOptions(1))).toThrow(RangeError);
  });

  it('seedWorker() refuses a damaged state', () => {
    const { generator } = getReproducibleDataLoaderOptions(1);
    expect(() => seedWorker(0, { generator: { ...generator, drawn: -1 } })).toThrow(IntegrityError);
    expect(Math.random).toBe(random);
  });
});
