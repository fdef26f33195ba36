import { availableParallelism } from 'node:os';
import { threadCount } from './thread-count';

describe('threadCount()', () => {
  it('gives what was asked for, on wasm', () => {
    expect(threadCount('wasm', { threads: 5, shards: 2 })).toBe(5);
  });

  it('gives wasm one for each core, and no more than there are shards', () => {
    expect(threadCount('wasm', { threads: null, shards: 1 })).toBe(1);
    expect(threadCount('wasm', { threads: null, shards: 10_000 })).toBe(availableParallelism());
  });

  it('gives other backends one, whatever their library was asked for', () => {
    expect(threadCount('tensorflow', { threads: null, shards: 8 })).toBe(1);
    expect(threadCount('tensorflow', { threads: 5, shards: 8 })).toBe(1);
  });
});
