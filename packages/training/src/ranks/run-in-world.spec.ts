import { soloWorld, type World } from '@pixelis/distributed';
import { runInWorld, runRanks } from './run-in-world';

describe('runRanks()', () => {
  const before = { ...process.env };

  afterEach(() => {
    process.env = { ...before };
  });

  it.each([0, 1])('runs the program in this process where it wants %d', async (processes) => {
    const worlds: World[] = [];
    const main = (world: World) => Promise.resolve(worlds.push(world));

    expect(await runRanks({ processes, argv: [], prepare: never, main })).toBe(0);
    expect(worlds).toMatchObject([{ rank: 0, size: 1 }]);
  });

  it('passes on what the program throws', async () => {
    const main = () => Promise.reject(new RangeError('too much'));

    await expect(runRanks({ processes: 0, argv: [], prepare: never, main })).rejects.toThrow(
      'too much',
    );
  });

  it.each([
    ['another number of processes than were started', 3, {}, 'WORLD_OF_ANOTHER_SIZE', 2],
    ['a device for a rank that has none', 2, { CUDA_VISIBLE_DEVICES: '0,1' }, 'DEVICE_MISSING', 2],
    ['ranks without the MPI binding', 0, { PIXELIS_CACHE: __filename }, 'MPI_BINDING_MISSING', 3],
  ])('refuses %s', async (_, processes, variables, code, exitCode) => {
    Object.assign(process.env, { PMI_RANK: '1', PMI_SIZE: '2', MPI_LOCALRANKID: '2' }, variables);
    const ranks = runRanks({ processes, argv: [], prepare: never, main: never });

    await expect(ranks).rejects.toMatchObject({ code, exitCode });
  });

  it('refuses several processes where there is no MPI', async () => {
    Object.assign(process.env, { PATH: '' });
    const ranks = runRanks({ processes: 2, argv: [], prepare: never, main: never });

    await expect(ranks).rejects.toMatchObject({ code: 'MPI_MISSING', exitCode: 3 });
  });
});

describe('runInWorld()', () => {
  it('closes the world once the program has ended, however it did', async () => {
    for (const main of [() => Promise.resolve(), never]) {
      const world = soloWorld();
      const close = jest.spyOn(world, 'close');
      await runInWorld(world, { prepare: never, main }).catch(() => undefined);
      expect(close).toHaveBeenCalledTimes(1);
    }
  });
});

// Helpers

function never(): Promise<void> {
  return Promise.reject(new Error('this is not to be called'));
}
