import { MemoryRecorder } from '../../test/support/memory-recorder';
import type { StepReport } from '../trainer/training-loop';
import { EpochSummary } from './epoch-summary';

describe('EpochSummary', () => {
  it('records each epoch once, when the next begins, and the last when it is told to', () => {
    const recorder = new MemoryRecorder();
    const summary = new EpochSummary(recorder);
    for (const [epoch, loss] of [
      [0, 3],
      [0, 1],
      [1, 5],
    ] as const)
      summary.afterStep(reportOf(epoch, loss));

    expect(recorder.lines('epochs')).toEqual([{ epoch: 1, steps: 2, 'loss/train': 2 }]);
    summary.finish();
    summary.finish();
    expect(recorder.lines('epochs')).toEqual([
      { epoch: 1, steps: 2, 'loss/train': 2 },
      { epoch: 2, steps: 1, 'loss/train': 5 },
    ]);
  });

  it('goes on from its state to the same rows', () => {
    const [whole, resumed] = [new MemoryRecorder(), new MemoryRecorder()];
    const first = new EpochSummary(whole);
    first.afterStep(reportOf(0, 0.1));
    first.afterStep(reportOf(0, 0.2));
    const second = new EpochSummary(
      resumed,
      JSON.parse(JSON.stringify(first.state())) as ReturnType<EpochSummary['state']>,
    );
    for (const summary of [first, second]) {
      summary.afterStep(reportOf(0, 0.3));
      summary.afterStep(reportOf(1, 0.4));
      summary.finish();
    }

    expect(resumed.texts['epochs']).toBe(whole.texts['epochs']);
  });

  it('records nothing for a run without steps', () => {
    const recorder = new MemoryRecorder();
    new EpochSummary(recorder).finish();

    expect(recorder.texts['epochs']).toBe('');
  });
});

// Helpers

function reportOf(epoch: number, loss: number): StepReport {
  return {
    step: 1,
    loss,
    gradientNorm: 1,
    epoch,
    images: 1,
    learningRate: 0.1,
    durationMs: 1,
    metrics: {},
  };
}
