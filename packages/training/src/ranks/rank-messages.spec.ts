import { UsageError } from '@pixelis/core';
import { memoryWorlds, sendMessage, type World } from '@pixelis/distributed';
import { serialize } from 'node:v8';
import { answer, receiveAnswers, receiveCommand, sendCommand, sendCommands } from './rank-messages';
import { serveRank } from './serve-rank';

const trio = () => memoryWorlds(3) as [World, World, World];

describe('sendCommands() and receiveCommand()', () => {
  it('bring plain data to all other ranks as they are', async () => {
    const [root, ...others] = trio();
    const shards = [{ rows: Float32Array.of(0.1, NaN, -0), deed: undefined }, new Map([[1, 2]])];
    await sendCommands(root, { kind: 'gradients', shards });

    for (const world of others)
      expect(await receiveCommand(world)).toEqual({ kind: 'gradients', shards });
  });

  it('refuse what is no command', async () => {
    const [root, other] = trio();
    await sendMessage(root, serialize('hello'), 1);

    await expect(receiveCommand(other)).rejects.toBeInstanceOf(TypeError);
  });
});

describe('answer() and receiveAnswers()', () => {
  it('bring the values of all ranks in their order', async () => {
    const [root, one, two] = trio();
    await answer(two, () => Promise.resolve([2, 3]));
    await answer(one, () => Promise.resolve([0, 1]));

    expect(await receiveAnswers(root)).toEqual([
      [0, 1],
      [2, 3],
    ]);
  });

  it('bring the error of the first rank, once all have answered', async () => {
    const [root, one, two] = trio();
    const error = new UsageError('too much', { code: 'TOO_MUCH', remedy: 'take less' });
    await answer(one, () => Promise.reject(error));
    await answer(two, () => Promise.reject(new Error('second')));

    const failure = receiveAnswers(root);
    await expect(failure).rejects.toBeInstanceOf(UsageError);
    await expect(failure).rejects.toMatchObject({ code: 'TOO_MUCH', remedy: 'take less' });
    await Promise.all([one, two].map((world) => answer(world, () => Promise.resolve(world.rank))));
    expect(await receiveAnswers(root)).toEqual([1, 2]);
  });

  it('refuse what is no answer', async () => {
    const [root, one] = trio();
    await sendMessage(one, serialize(7), 0);

    await expect(receiveAnswers(root)).rejects.toThrow(/rank 1/);
  });
});

describe('serveRank()', () => {
  it('answers a command before any training with an error, and goes on', async () => {
    const [root, other] = memoryWorlds(2) as [World, World];
    const served = serveRank(other);
    await sendCommand(root, { kind: 'digest' }, 1);
    await expect(receiveAnswers(root)).rejects.toThrow(/must begin a training first/);
    await sendCommand(root, { kind: 'end' }, 1);
    await served;
  });

  it('tells that it cannot make the objective', async () => {
    const [root, other] = memoryWorlds(2) as [World, World];
    const served = serveRank(other);
    const tree = {};
    await sendCommand(
      root,
      {
        kind: 'begin',
        specs: {},
        optimizer: {},
        gradientClipNorm: 1,
        objective: { path: __filename, factory: 'nobody', options: {} },
        snapshot: { step: 0, parameters: tree, firstMoments: tree, secondMoments: tree },
      },
      1,
    );
    await expect(receiveAnswers(root)).rejects.toThrow(/must export the function nobody/);
    await sendCommand(root, { kind: 'end' }, 1);
    await served;
  });
});
