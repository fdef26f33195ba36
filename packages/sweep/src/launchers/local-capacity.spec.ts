import { availableParallelism } from 'node:os';
import { availableCores, localCapacity } from './local-capacity';

const machine = { cores: 8, memoryBytes: 16e9 };

describe('localCapacity()', () => {
  it.each([
    [{}, 8],
    [{ threadsPerTrial: 3 }, 2],
    [{ threadsPerTrial: 16 }, 1],
    [{ memoryPerTrialBytes: 3e9 }, 5],
    [{ memoryPerTrialBytes: 64e9 }, 1],
    [{ jobs: 4 }, 4],
  ])('localCapacity(%j) on 8 cores and 16 GB is %d, without a reason', (options, jobs) => {
    expect(localCapacity({ ...machine, ...options })).toEqual({ jobs, reason: null });
  });

  it('localCapacity() says that the cores allow fewer than asked for', () => {
    expect(localCapacity({ ...machine, jobs: 5, threadsPerTrial: 2 })).toEqual({
      jobs: 4,
      reason: '4 of 5 trials run at once: this process may use 8 cores and a trial takes 2 threads',
    });
  });

  it('localCapacity() says that the memory allows fewer than asked for', () => {
    expect(localCapacity({ ...machine, jobs: 5, memoryPerTrialBytes: 6e9 })).toEqual({
      jobs: 2,
      reason: '2 of 5 trials run at once: 16.0 GB of memory are free and a trial takes 6.0 GB',
    });
  });

  it('localCapacity() looks at this machine', () => {
    expect(localCapacity().jobs).toBeGreaterThanOrEqual(1);
    expect(localCapacity({ memoryPerTrialBytes: 1 }).jobs).toBe(availableCores());
    expect(availableCores()).toBeLessThanOrEqual(availableParallelism());
  });

  it.each(['jobs', 'threadsPerTrial', 'memoryPerTrialBytes'])(
    'localCapacity() refuses %s below 1',
    (name) => {
      for (const value of [0, -1, 0.5, NaN]) {
        expect(() => localCapacity({ [name]: value })).toThrow(RangeError);
      }
    },
  );
});
