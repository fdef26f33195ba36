import { memoryWorlds, soloWorld } from './memory-world';
import { receiveMessage, sendMessage } from './messages';
import type { World } from './world';

describe('memoryWorlds()', () => {
  it('numbers the ranks, of which 0 is the root', () => {
    const worlds = memoryWorlds(3);

    expect(
      worlds.map(({ rank, size, localRank, isRoot }) => [rank, size, localRank, isRoot]),
    ).toEqual([
      [0, 3, 0, true],
      [1, 3, 1, false],
      [2, 3, 2, false],
    ]);
  });

  it('delivers messages of each pair in their order, whoever is first', async () => {
    const [a, b, c] = memoryWorlds(3) as [World, World, World];
    const [one, two, three] = [new Uint8Array(1), new Uint8Array(1), new Uint8Array(1)];
    const received = Promise.all([b.receive(one, 0), b.receive(two, 0), b.receive(three, 2)]);
    await c.send(Uint8Array.of(3), 1);
    await a.send(Uint8Array.of(1), 1);
    await a.send(Uint8Array.of(2), 1);
    await received;

    expect([one, two, three].map(([byte]) => byte)).toEqual([1, 2, 3]);
  });

  it('sends bytes as they are at that moment', async () => {
    const [a, b] = memoryWorlds(2) as [World, World];
    const bytes = Uint8Array.of(1);
    await a.send(bytes, 1);
    bytes[0] = 9;
    const received = new Uint8Array(1);
    await b.receive(received, 0);

    expect([...received]).toEqual([1]);
  });

  it('broadcasts from any rank to all', async () => {
    const worlds = memoryWorlds(4);
    const bytes = worlds.map(({ rank }) => Uint8Array.of(rank, 7));
    await Promise.all(worlds.map((world, rank) => world.broadcast(bytes[rank]!, 2)));

    expect(bytes.map((own) => [...own])).toEqual(Array(4).fill([2, 7]));
  });

  it('opens a barrier when all are there, again and again', async () => {
    const [a, b] = memoryWorlds(2) as [World, World];
    const told: string[] = [];
    const first = a.barrier().then(() => told.push('a'));
    await new Promise(setImmediate);
    expect(told).toEqual([]);
    await b.barrier();
    await first;
    expect(told).toEqual(['a']);

    await Promise.all([a.barrier(), b.barrier()]);
  });

  it('refuses a message of another length', async () => {
    const [a, b] = memoryWorlds(2) as [World, World];
    await a.send(new Uint8Array(3), 1);

    await expect(b.receive(new Uint8Array(2), 0)).rejects.toThrow(/must have 2 bytes/);
  });

  it.each([-1, 0, 2, 0.5, NaN])('refuses to send from rank 0 of 2 to rank %d', async (to) => {
    const [a] = memoryWorlds(2) as [World];

    await expect(a.send(new Uint8Array(1), to)).rejects.toBeInstanceOf(RangeError);
  });

  it.each([0, -1, 1.5, NaN, Infinity])('refuses %d ranks', (size) => {
    expect(() => memoryWorlds(size)).toThrow(RangeError);
  });
});

describe('soloWorld()', () => {
  it('is alone and never waits', async () => {
    const world = soloWorld();
    expect(world).toMatchObject({ rank: 0, size: 1, isRoot: true });
    await world.barrier();
    await world.broadcast(new Uint8Array(4), 0);
    await world.close();

    await expect(world.send(new Uint8Array(1), 1)).rejects.toBeInstanceOf(RangeError);
  });
});

describe('sendMessage() and receiveMessage()', () => {
  it.each([0, 1, 100_000])('move %d bytes whose number is not known', async (length) => {
    const [a, b] = memoryWorlds(2) as [World, World];
    const message = Uint8Array.from({ length }, (_, index) => index % 251);
    await sendMessage(a, message, 1);

    expect(await receiveMessage(b, 0)).toEqual(message);
  });
});
