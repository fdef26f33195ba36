import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { DIGESTS, WEIGHTS } from '../../test/digests';
import { useTemporaryFolder } from '../../test/temporary-folder';
import { START_OFFSETS, STEP_FILES, StepFiles } from './step-files';

const temporaryFolder = useTemporaryFolder();

/** A training run in small: what it records of a step follows from the step alone. */
function recordStep(steps: StepFiles, step: number): void {
  steps.addStep('metrics.jsonl', step, { 'loss/train': 1 / step, step_squared: step * step });
  steps.addStep('timings.jsonl', step, { step_ms: step });
  if (step === 1) steps.addDigests(0, WEIGHTS);
  steps.addDigests(step, DIGESTS);
  if (step % 3 === 0) steps.addEpoch(step / 3, { loss: 1 / step });
}

function readAll(directory: string): string[] {
  return STEP_FILES.map((name) => readFileSync(join(directory, name), 'utf8'));
}

/** What a process does before it dies: steps, some of them followed by a checkpoint, then a torn write. */
const lives = fc.array(
  fc.record({
    checkpoints: fc.array(fc.boolean(), { maxLength: 8 }),
    torn: fc.record(Object.fromEntries(STEP_FILES.map((name) => [name, fc.string()]))),
    isFlushed: fc.boolean(),
  }),
  { maxLength: 5 },
);

describe('StepFiles', () => {
  it('rewind() makes a run that was killed again and again record what an uninterrupted one does', () => {
    const stepCount = 12;
    const whole = temporaryFolder();
    const uninterrupted = new StepFiles(whole, { isRewindNeeded: false });
    for (let step = 1; step <= stepCount; step++) recordStep(uninterrupted, step);
    uninterrupted.sync();
    uninterrupted.close();

    const directory = temporaryFolder();
    fc.assert(
      fc.property(lives, (processes) => {
        for (const name of STEP_FILES) writeFileSync(join(directory, name), '');
        let checkpoint = { step: 0, offsets: START_OFFSETS };
        for (const { checkpoints, torn, isFlushed } of processes) {
          const steps = new StepFiles(directory, { isRewindNeeded: true });
          steps.rewind(checkpoint.offsets);
          let { step } = checkpoint;
          for (const isKept of checkpoints) {
            if (step === stepCount) break;
            recordStep(steps, ++step);
            if (isKept) checkpoint = { step, offsets: steps.offsets() };
          }
          if (isFlushed) steps.flush();
          steps.close();
          for (const name of STEP_FILES) appendFileSync(join(directory, name), torn[name] ?? '');
        }
        const last = new StepFiles(directory, { isRewindNeeded: true });
        last.rewind(checkpoint.offsets);
        for (let step = checkpoint.step + 1; step <= stepCount; step++) recordStep(last, step);
        last.sync();
        last.close();
        expect(readAll(directory)).toEqual(readAll(whole));
      }),
      { numRuns: 60 },
    );
  });
});
