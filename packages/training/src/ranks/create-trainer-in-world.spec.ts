import { UsageError } from '@pixelis/core';
import { memoryWorlds, soloWorld, type World } from '@pixelis/distributed';
import { Generator } from '@pixelis/reproducibility';
import * as tf from '@tensorflow/tfjs';
import { setBackend } from '../../test/support/backends';
import { thrownBy } from '../../test/support/thrown-by';
import { networkOptions, networkSpecs } from '../../test/support/worker-network';
import { initialiseParameters } from '../parameters';
import { ArenaTrainer } from '../threads/arena-trainer';
import type { TrainerOptions } from '../trainer/trainer';
import { createTrainerInWorld } from './create-trainer-in-world';
import { RankedTrainer } from './ranked-trainer';

describe('createTrainerInWorld()', () => {
  beforeAll(() => setBackend('wasm with kernels'));

  it.each([
    ['no world', undefined, ArenaTrainer],
    ['a world of one process', soloWorld(), ArenaTrainer],
    ['a world of two', memoryWorlds(2)[0], RankedTrainer],
  ])('makes the trainer for %s', async (_, world, type) => {
    const trainer = makeTrainer(world);

    expect(trainer).toBeInstanceOf(type);
    await trainer.dispose();
  });

  it.each([
    [
      'several threads in each of several processes',
      { threads: 4 },
      'THREADS_UNSUPPORTED',
      /has one/,
    ],
    [
      'compiled steps that several processes share',
      { isCompiled: true },
      'COMPILE_UNSUPPORTED',
      /several processes/,
    ],
    ['another precision', { precision: 'bf16' }, 'PRECISION_UNSUPPORTED', /bf16/],
  ] as const)('refuses %s', (_, options, code, message) => {
    const error = thrownBy(() => makeTrainer(memoryWorlds(2)[0], options));

    expect(error).toBeInstanceOf(UsageError);
    expect(error).toMatchObject({ code, exitCode: 2 });
    expect(String(error)).toMatch(message);
  });
});

// Helpers

function makeTrainer(
  world: World | undefined,
  options: Pick<TrainerOptions<never>, 'threads' | 'isCompiled' | 'precision'> = {},
) {
  const parameters = initialiseParameters(networkSpecs, Generator.fromSeed(5));
  try {
    return createTrainerInWorld({ parameters }, { ...networkOptions(1), ...options, world });
  } finally {
    tf.dispose(parameters);
  }
}
