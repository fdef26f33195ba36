import { addInRankOrder } from './add-in-rank-order';
import { memoryWorlds, soloWorld } from './memory-world';

describe('addInRankOrder()', () => {
  it('adds in rank order, where another order gives other bits', async () => {
    // In float32 2²⁴ + 1 is 2²⁴, so the small numbers count only if they are added first.
    const blocks = [[Float32Array.of(1), Float32Array.of(1)], [Float32Array.of(2 ** 24)]];
    const [ascending, descending] = [await sumOf(blocks), await sumOf([...blocks].reverse())];

    expect(ascending).toEqual([[2 ** 24 + 2], [2 ** 24 + 2]]);
    expect(descending).toEqual([[2 ** 24], [2 ** 24]]);
  });

  it('keeps the sign of zero', async () => {
    const total = Float32Array.of(5);
    await addInRankOrder(soloWorld(), { addends: [Float32Array.of(-0)], total });

    expect(total[0]).toBe(-0);
  });

  it('moves each chunk on before it waits for the next', async () => {
    const [first, second] = memoryWorlds(2) as [World2, World2];
    const total = new Float32Array(4);
    const sum = addInRankOrder(first, {
      addends: [Float32Array.of(1, 2, 3, 4)],
      total,
      chunkEntries: 2,
    });
    const chunk = new Float32Array(2);
    await second.receive(new Uint8Array(chunk.buffer), 0);
    expect([...chunk]).toEqual([1, 2]);
    await second.receive(new Uint8Array(chunk.buffer), 0);
    expect([...chunk]).toEqual([3, 4]);

    await second.broadcast(new Uint8Array(Float32Array.of(5, 6, 7, 8).buffer), 1);
    await sum;
    expect([...total]).toEqual([5, 6, 7, 8]);
  });

  it.each([
    ['no addend', [], {}, /at least one addend/],
    ['a shorter addend', [new Float32Array(2)], {}, /must have 3 entries: current value is 2/],
    ...[0, -1, 1.5, NaN].map(
      (chunkEntries) =>
        ['such chunks', [new Float32Array(3)], { chunkEntries }, /chunkEntries/] as const,
    ),
  ] as const)('refuses %s', async (_, addends, options, message) => {
    const sum = addInRankOrder(soloWorld(), { addends, total: new Float32Array(3), ...options });

    await expect(sum).rejects.toBeInstanceOf(RangeError);
    await expect(sum).rejects.toThrow(message);
  });
});

// Helpers

type World2 = ReturnType<typeof memoryWorlds>[number];

async function sumOf(blocks: readonly Float32Array[][]): Promise<number[][]> {
  return Promise.all(
    memoryWorlds(blocks.length).map(async (world, rank) => {
      const total = new Float32Array(1);
      await addInRankOrder(world, { addends: blocks[rank]!, total });
      return [...total];
    }),
  );
}
