import { PassThrough } from 'node:stream';
import { createLogger, setupLogging } from '@pixelis/tracing';
import type { StepReport } from '@pixelis/training';
import { createProgress } from './progress';

describe('createProgress() without a bar', () => {
  it('prints a plain line every 25 steps and at the last, with running means', async () => {
    const { lines, progress } = plainProgress({ steps: 60 });
    for (let step = 1; step <= 60; step++) {
      await progress.afterStep(
        reportOf(step, {
          loss: step <= 35 ? 1 : 3,
          metrics: step === 30 ? { stage: 1, 'accuracy/simple': 0.756 } : { stage: 1 },
        }),
      );
    }
    progress.stop();

    expect(lines()).toEqual([
      'step 25/60 | loss 1.000 | val accuracy - | stage second | 160 images/s | 0:18 left',
      'step 50/60 | loss 2.200 | val accuracy simple 76% | stage second | 160 images/s | 0:05 left',
      'step 60/60 | loss 3.000 | val accuracy simple 76% | stage second | 160 images/s | 0:00 left',
    ]);
  });

  it('tells the time left in minutes, after a resumption from the first step on', async () => {
    const { lines, progress } = plainProgress({ steps: 1000, startStep: 399 });
    for (let step = 400; step <= 425; step++) await progress.afterStep(reportOf(step, {}));

    expect(lines()[0]).toContain('step 400/1000');
    expect(lines()[0]).toMatch(/\| 5:00 left$/);
  });

  it('names no stage that there is not, and no rate where no time has passed', async () => {
    const { lines, progress } = plainProgress({ steps: 1 });
    await progress.afterStep(reportOf(1, { durationMs: 0, metrics: { stage: 9 } }));

    expect(lines()).toEqual([
      'step 1/1 | loss 1.000 | val accuracy - | stage - | - images/s | - left',
    ]);
  });
});

// Helpers

/** Progress on a stream that is no terminal, and the messages that it has logged. */
function plainProgress({ steps, startStep = 0 }: { steps: number; startStep?: number }) {
  const stream = new PassThrough();
  let text = '';
  stream.setEncoding('utf8').on('data', (part: string) => (text += part));
  setupLogging({ format: 'json', destination: stream });
  const progress = createProgress({
    steps,
    startStep,
    stages: ['first', 'second'],
    logger: createLogger('test'),
    isBar: false,
  });
  const lines = (): string[] =>
    text
      .trimEnd()
      .split('\n')
      .map((line) => (JSON.parse(line) as { message: string }).message);
  return { lines, progress };
}

/** A step of half a second over 80 images. */
function reportOf(step: number, changes: Partial<StepReport>): StepReport {
  return {
    step,
    loss: 1,
    gradientNorm: 1,
    epoch: 0,
    images: 80,
    learningRate: 0.1,
    durationMs: 500,
    metrics: {},
    ...changes,
  };
}
