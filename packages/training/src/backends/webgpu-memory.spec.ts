import { boundUnusedBuffers } from './webgpu-memory';

const MIB = 2 ** 20;

/** Keeps buffers by size as tfjs does. */
class FakeKeeper {
  readonly freeBuffers = new Map<string, FakeBuffer[]>();
  numFreeBuffers = 0;
  numBytesUsed = 0;
  numBytesAllocated = 0;
  destroyed = 0;

  acquireBuffer(size: number, usage: number): FakeBuffer {
    const free = this.freeBuffers.get(`${size}_${usage}`)?.pop();
    if (free === undefined) this.numBytesAllocated += size;
    else this.numFreeBuffers--;
    this.numBytesUsed += size;
    return free ?? { size, usage, destroy: () => this.destroyed++ };
  }

  release(buffer: FakeBuffer): void {
    const key = `${buffer.size}_${buffer.usage}`;
    this.freeBuffers.set(key, [...(this.freeBuffers.get(key) ?? []), buffer]);
    this.numFreeBuffers++;
    this.numBytesUsed -= buffer.size;
  }
}

interface FakeBuffer {
  readonly size: number;
  readonly usage: number;
  destroy(): void;
}

describe('boundUnusedBuffers()', () => {
  it('lets buffers of the same sizes be used again and again', () => {
    const keeper = new FakeKeeper();
    boundUnusedBuffers(keeper);
    for (let step = 0; step < 20; step++) {
      const buffers = [100, 200, 300].map((size) => keeper.acquireBuffer(size * MIB, 1));
      for (const buffer of buffers) keeper.release(buffer);
    }

    expect(keeper).toMatchObject({ destroyed: 0, numBytesAllocated: 600 * MIB, numFreeBuffers: 3 });
  });

  it('holds no more than twice what was in use at once, whatever sizes come', () => {
    const keeper = new FakeKeeper();
    boundUnusedBuffers(keeper);
    const kept = keeper.acquireBuffer(1000 * MIB, 1);
    for (let size = 1; size <= 300; size++) {
      keeper.release(keeper.acquireBuffer(size * MIB, 1));
      expect(keeper.numBytesAllocated).toBeLessThanOrEqual((2 * 1300 + 64) * MIB);
    }

    expect(keeper.destroyed).toBeGreaterThan(200);
    expect(keeper.numBytesUsed).toBe(kept.size);
    const free = [...keeper.freeBuffers.values()].flat();
    expect(keeper.numFreeBuffers).toBe(free.length);
    expect(keeper.numBytesAllocated).toBe(
      kept.size + free.reduce((sum, { size }) => sum + size, 0),
    );
  });

  it('leaves a small program and what it does not know alone', () => {
    const keeper = new FakeKeeper();
    boundUnusedBuffers(keeper);
    for (let size = 1; size <= 1000; size++) keeper.release(keeper.acquireBuffer(size, 1));

    expect(keeper.destroyed).toBe(0);
    expect(() => {
      boundUnusedBuffers({ acquireBuffer: () => undefined });
      boundUnusedBuffers(undefined);
    }).not.toThrow();
  });
});
