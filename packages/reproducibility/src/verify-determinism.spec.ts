import { verifyDeterminism } from './verify-determinism';

describe('verifyDeterminism()', () => {
  it('verifyDeterminism() accepts equal results of synchronous and asynchronous functions', async () => {
    expect(await verifyDeterminism(() => new Float32Array([1, NaN]))).toEqual({
      deterministic: true,
      runs: 2,
    });
    let calls = 0;
    const verdict = await verifyDeterminism(
      async () => {
        calls++;
        return Promise.resolve(new Map([['a', 1]]));
      },
      { runs: 5 },
    );
    expect(verdict).toEqual({ deterministic: true, runs: 5 });
    expect(calls).toBe(5);
  });

  it('verifyDeterminism() names the run, the path and both values', async () => {
    let calls = 0;
    const run = () => ({ loss: 1, weights: new Float32Array([1, 2, ++calls < 3 ? 3 : 4]) });
    expect(await verifyDeterminism(run, { runs: 4 })).toEqual({
      deterministic: false,
      run: 3,
      path: '$.weights[2]',
      expected: 3,
      actual: 4,
    });
  });

  it('verifyDeterminism() notices a result that is changed in place', async () => {
    const weights = new Float32Array(new SharedArrayBuffer(8));
    const run = () => {
      weights[1]! += 1;
      return weights;
    };
    expect(await verifyDeterminism(run)).toEqual({
      deterministic: false,
      run: 2,
      path: '$[1]',
      expected: 1,
      actual: 2,
    });
  });

  it('verifyDeterminism() refuses a function in the result, and passes on an error of the function', async () => {
    await expect(verifyDeterminism(() => ({ f() {} }))).rejects.toThrow(TypeError);
    await expect(verifyDeterminism(() => Promise.resolve([Symbol('s')]))).rejects.toThrow(
      TypeError,
    );
    const error = new Error('mine');
    await expect(verifyDeterminism(() => Promise.reject(error))).rejects.toBe(error);
  });

  it.each([0, 1, 1.5, NaN])('verifyDeterminism() refuses %p runs', async (runs) => {
    await expect(verifyDeterminism(() => 1, { runs })).rejects.toThrow(RangeError);
  });
});
