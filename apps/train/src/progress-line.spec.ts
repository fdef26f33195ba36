import fc from 'fast-check';
import { progressLine } from './progress-line';

const FIGURES = {
  loss: '0.123',
  accuracy: 'simple 96% medium 94% hard 90%',
  stage: 'medium',
  rate: '160',
  left: '2:05',
};

function lineOf(width: number): string {
  return progressLine({ step: 900, steps: 1800, figures: FIGURES, width });
}

describe('progressLine()', () => {
  it('progressLine() tells everything where there is room', () => {
    expect(lineOf(200)).toBe(
      'train ████████████░░░░░░░░░░░░ 900/1800 | 2:05 left | loss 0.123 | val accuracy simple 96% medium 94% hard 90% | stage medium | 160 images/s',
    );
  });

  it('progressLine() leaves out what matters least, and shortens the bar', () => {
    expect(lineOf(110)).toMatch(/\| val accuracy simple 96% medium 94% hard 90%$/);
    expect(lineOf(99)).toMatch(/^train ██████░░░░░░ 900\/1800 .* hard 90%$/);
    expect(lineOf(79)).toBe('train ██████░░░░░░ 900/1800 | 2:05 left | loss 0.123');
    expect(lineOf(45)).toBe('train ██████░░░░░░ 900/1800 | 2:05 left');
    expect(lineOf(30)).toBe('900/1800 | 2:05 left');
  });

  it('progressLine() is never wider than the terminal, and always tells the step', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 12, max: 200 }),
        fc.integer({ min: 0, max: 99_999 }),
        fc.dictionary(fc.constantFrom('loss', 'accuracy', 'stage', 'rate', 'left'), fc.string()),
        (width, step, texts) => {
          const line = progressLine({
            step,
            steps: 99_999,
            figures: { ...FIGURES, ...texts },
            width,
          });
          expect(line.length).toBeLessThanOrEqual(width);
          expect(line).toContain(`${step}/99999`);
        },
      ),
    );
  });
});
