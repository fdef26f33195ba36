import { availableParallelism } from 'node:os';
import { threadCount } from './thread-count';

describe('threadCount()', () => {
  it('gives what was asked for, on any backend', () => {
    expect(threadCount('wasm', { threads: 5, shards: 2 })).toBe(5);
    expect(threadCount('cpu', { threads: 5, shards: 2 })).toBe(5);
  });

  it('gives wasm one for each core, and no more than there are shards', () => {
    expect(threadCount('wasm', { threads: null, shards: 1 })).toBe(1);
    expect(threadCount('wasm', { threads: null, shards: 10_000 })).toBe(availableParallelism());
  });

  it('gives other backends one', () => {
    expect(threadCount('cpu', { threads: null, shards: 8 })).toBe(1);
  });
});
