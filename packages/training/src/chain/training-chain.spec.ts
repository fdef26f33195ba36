import { digestParts } from '@pixelis/core';
import { MemoryRecorder } from '../../test/support/memory-recorder';
import { ParameterLayout } from '../parameters';
import { addBatch, NO_BATCHES } from './digest-batch';
import { TrainingChain, type TrainingChainState } from './training-chain';

const layout = new ParameterLayout({ b: { shape: [2] }, a: { shape: [1] } });
const batch = [{ images: Uint8Array.of(7) }];

/** A training whose vectors show the step. */
class Training {
  step = 0;
  readonly layout = layout;
  gradientReads = 0;
  weights = () => Promise.resolve(Float32Array.of(this.step, 0.5, -1));
  gradients = () => {
    this.gradientReads += 1;
    return Promise.resolve(Float32Array.of(-this.step, 2, 3));
  };

  async go(chain: TrainingChain, steps: number): Promise<void> {
    await chain.begin();
    for (let i = 0; i < steps; i++) {
      chain.addBatch(batch);
      this.step += 1;
      await chain.afterStep({ step: this.step, loss: 1 / this.step });
    }
  }
}

function chainOf(
  training: Training,
  options: { recorder: MemoryRecorder; every: number; state?: TrainingChainState },
): TrainingChain {
  return new TrainingChain({ trainer: training, steps: 5, ...options });
}

describe('TrainingChain', () => {
  it('records the digests of each vector by tensor, and the bits of the loss', async () => {
    const [training, recorder] = [new Training(), new MemoryRecorder()];
    await training.go(chainOf(training, { recorder, every: 2 }), 2);

    const digest = (a: number, b: readonly number[]) =>
      digestParts([Float32Array.of(a), Float32Array.from(b)]);
    const [initial, weights] = [digest(0, [0.5, -1]), digest(2, [0.5, -1])];
    const gradients = digest(-2, [2, 3]);
    expect(recorder.lines('chain')).toEqual([
      { step: 0, weights: initial.digest, weight_tensors: initial.parts },
      {
        step: 2,
        batch: addBatch(addBatch(NO_BATCHES, batch), batch),
        loss: '3fe0000000000000',
        gradients: gradients.digest,
        gradient_tensors: gradients.parts,
        weights: weights.digest,
        weight_tensors: weights.parts,
      },
    ]);
    expect(training.gradientReads).toBe(1);
    expect(weights.parts).toHaveLength(16);
    expect(weights.parts.slice(8)).toBe(initial.parts.slice(8));
  });

  it.each([
    [1, [0, 1, 2, 3, 4, 5]],
    [2, [0, 2, 4, 5]],
    [9, [0, 5]],
  ])('every %i steps has lines for %j', async (every, steps) => {
    const [training, recorder] = [new Training(), new MemoryRecorder()];
    await training.go(chainOf(training, { recorder, every }), 5);

    expect(recorder.lines('chain').map(({ step }) => step)).toEqual(steps);
  });

  it('of 0 reads and records nothing', async () => {
    const [training, recorder] = [new Training(), new MemoryRecorder()];
    const chain = chainOf(training, { recorder, every: 0 });
    await training.go(chain, 5);

    expect(recorder.texts['chain']).toBe('');
    expect(training.gradientReads).toBe(0);
    expect(chain.state()).toEqual({ batch: NO_BATCHES });
  });

  it('goes on between two lines from its state', async () => {
    const whole = new MemoryRecorder();
    const uninterrupted = new Training();
    await uninterrupted.go(chainOf(uninterrupted, { recorder: whole, every: 3 }), 5);

    for (const step of [1, 2, 3, 4]) {
      const [training, recorder] = [new Training(), new MemoryRecorder()];
      const first = chainOf(training, { recorder, every: 3 });
      await training.go(first, step);
      await training.go(chainOf(training, { recorder, every: 3, state: first.state() }), 5 - step);
      expect(recorder.texts['chain']).toBe(whole.texts['chain']);
    }
  });
});
