import { UsageError } from '@pixelis/core';
import { thrownBy } from '../../test/support/thrown-by';
import { requireRanks } from './require-ranks';

describe('requireRanks()', () => {
  it.each([
    ['a process alone', 1, { shards: 1, threads: 8, isCompiled: true }],
    ['as many shards as ranks', 4, { shards: 4 }],
    ['threads that nobody asked for', 2, { shards: 8, threads: null }],
    ["threads of the library's own", 2, { shards: 2, threads: 8, backend: 'cpu' }],
    ['one thread each', 2, { shards: 9, threads: 1, isCompiled: false }],
  ])('takes %s', (_, ranks, wishes) => {
    expect(() => requireRanks(ranks, wishes)).not.toThrow();
  });

  it.each([
    [{ shards: 3 }, 'SHARDS_TOO_FEW', /4 processes cannot share 3 shards/],
    [{ shards: 8, threads: 2 }, 'THREADS_UNSUPPORTED', /hardware\.threads is 2/],
    [{ shards: 8, isCompiled: true }, 'COMPILE_UNSUPPORTED', /several processes/],
  ])('refuses %j on 4 ranks', (wishes, code, message) => {
    const error = thrownBy(() => requireRanks(4, wishes));

    expect(error).toBeInstanceOf(UsageError);
    expect(error).toMatchObject({ code, exitCode: 2 });
    expect(String(error)).toMatch(message);
  });
});
