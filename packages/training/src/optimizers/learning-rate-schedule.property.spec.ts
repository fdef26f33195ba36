import * as fc from 'fast-check';
import { learningRateAt, type LearningRateSchedule } from './learning-rate-schedule';

const schedules: fc.Arbitrary<LearningRateSchedule> = fc
  .record({
    peak: fc.double({ min: 1e-6, max: 10, noNaN: true }),
    warmupSteps: fc.nat(50),
    restSteps: fc.nat(200),
    minimumRatio: fc.double({ min: 0, max: 1, noNaN: true }),
  })
  .map(({ restSteps, ...schedule }) => ({
    ...schedule,
    totalSteps: schedule.warmupSteps + restSteps,
  }));

describe('learningRateAt()', () => {
  it('stays above zero and never above the peak while warming up', () => {
    fc.assert(
      fc.property(schedules, fc.nat(300), (schedule, step) => {
        const rate = learningRateAt(step, schedule);
        expect(rate).toBeLessThanOrEqual(schedule.peak * (1 + 1e-15));
        expect(rate).toBeGreaterThanOrEqual(0);
        if (step < schedule.warmupSteps) {
          expect(rate).toBeGreaterThan(0);
        }
      }),
    );
  });

  it('never falls during the warm-up and never rises after it', () => {
    fc.assert(
      fc.property(schedules, fc.nat(300), (schedule, step) => {
        const change = learningRateAt(step + 1, schedule) - learningRateAt(step, schedule);
        const direction = step + 1 < schedule.warmupSteps ? 1 : -1;
        if (step + 1 !== schedule.warmupSteps) {
          expect(change * direction).toBeGreaterThanOrEqual(-1e-15 * schedule.peak);
        }
      }),
    );
  });
});
