import * as fc from 'fast-check';

import {
  anyFinite,
  curriculumOptions,
  gridValue,
  metricNames,
  metricStream,
} from '../test/curriculum-arbitraries';
import { naiveCurriculum } from '../test/naive-curriculum';
import { thrownBy } from '../test/thrown-by';
import {
  CurriculumManager,
  type CurriculumMetrics,
  type CurriculumOptions,
  type CurriculumStep,
  initialCurriculumState,
  resolveCurriculumConfig,
  restoreCurriculumState,
  stepCurriculum,
} from './index';

function runCurriculum(
  options: CurriculumOptions,
  calls: readonly CurriculumMetrics[],
): CurriculumStep[] {
  const config = resolveCurriculumConfig(options);
  let state = initialCurriculumState(config);
  return calls.map((metrics) => {
    const step = stepCurriculum(state, metrics, config);
    state = step.state;
    return step;
  });
}

/** Two stages left by `score` >= 1, decided on single values: a call passes exactly if its score is 1. */
const passOrMiss = (patienceCycles: number): CurriculumOptions => ({
  stages: [
    { name: 'first', exit: [{ metric: 'score', threshold: 1 }] },
    { name: 'last', exit: [] },
  ],
  smoothingWindowSize: 1,
  patienceCycles,
});

const scores = (passes: readonly boolean[]) => passes.map((pass) => ({ score: pass ? 1 : 0 }));

const firstAdvance = (steps: readonly CurriculumStep[]) =>
  steps.findIndex(({ decision }) => decision === 'advance');

describe('stepCurriculum', () => {
  it('agrees with a naive reading of the requirement on every call', () => {
    const decisions = { advance: 0, rollback: 0, stay: 0 };
    fc.assert(
      fc.property(curriculumOptions, metricStream(gridValue), (options, calls) => {
        const steps = runCurriculum(options, calls);
        for (const { decision } of steps) decisions[decision] += 1;
        const outcomes = steps.map(({ decision, state }) => ({
          decision,
          stageAfter: state.stage,
        }));
        expect(outcomes).toEqual(naiveCurriculum(options, calls));
      }),
      { numRuns: 500 },
    );
    expect(decisions.advance).toBeGreaterThan(20);
    expect(decisions.rollback).toBeGreaterThan(20);
  });

  it('decides nothing before the window is full', () => {
    fc.assert(
      fc.property(curriculumOptions, metricStream(anyFinite), (options, calls) => {
        fc.pre(options.stages.some(({ exit }) => exit.length > 0));
        const early = runCurriculum(options, calls).slice(0, options.smoothingWindowSize - 1);
        for (const { decision, reason, state } of early) {
          expect([decision, reason.code, state.stage, state.entry]).toEqual([
            'stay',
            'window-not-full',
            'stage 0',
            null,
          ]);
        }
      }),
    );
  });

  it('changes nothing during a cooldown, whatever the metrics', () => {
    let changes = 0;
    fc.assert(
      fc.property(
        curriculumOptions,
        metricStream(gridValue),
        metricStream(anyFinite, { maxLength: 4 }),
        (options, calls, wildCalls) => {
          const config = resolveCurriculumConfig(options);
          for (const { decision, state: changed } of runCurriculum(options, calls)) {
            if (decision === 'stay') continue;
            changes += 1;
            let state = changed;
            for (const metrics of wildCalls.slice(0, config.cooldownCycles)) {
              const step = stepCurriculum(state, metrics, config);
              expect([step.decision, step.reason.code]).toEqual(['stay', 'cooldown']);
              expect(step.state).toEqual({
                ...state,
                history: step.state.history,
                cooldown: state.cooldown - 1,
              });
              state = step.state;
            }
          }
        },
      ),
    );
    expect(changes).toBeGreaterThan(20);
  });

  it('waits out exactly cooldownCycles calls after every change of stage', () => {
    fc.assert(
      fc.property(curriculumOptions, metricStream(gridValue), (options, calls) => {
        const steps = runCurriculum(options, calls);
        for (const [index, { decision }] of steps.entries()) {
          if (decision === 'stay') continue;
          const after = steps.slice(index + 1, index + 2 + options.cooldownCycles);
          const codes = after.map(({ reason }) => reason.code === 'cooldown');
          const expected = after.map((_, position) => position < options.cooldownCycles);
          expect(codes).toEqual(expected);
        }
      }),
    );
  });

  it('advances at the end of the first patienceCycles passes in a row, and no sooner', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 5 }),
        fc.array(fc.boolean(), { size: 'large' }),
        (patienceCycles, passes) => {
          const expected = passes.findIndex(
            (_, last) =>
              last >= patienceCycles - 1 &&
              passes.slice(last - patienceCycles + 1, last + 1).every(Boolean),
          );
          expect(firstAdvance(runCurriculum(passOrMiss(patienceCycles), scores(passes)))).toBe(
            expected,
          );
        },
      ),
    );
  });

  it('starts the count of passes anew after one miss', () => {
    const counts = fc.integer({ min: 1, max: 6 }).chain((patienceCycles) =>
      fc.record({
        patienceCycles: fc.constant(patienceCycles),
        passesBefore: fc.integer({ min: 0, max: patienceCycles - 1 }),
      }),
    );
    fc.assert(
      fc.property(counts, ({ patienceCycles, passesBefore }) => {
        const passes = [
          ...Array<boolean>(passesBefore).fill(true),
          false,
          ...Array<boolean>(patienceCycles).fill(true),
        ];
        const steps = runCurriculum(passOrMiss(patienceCycles), scores(passes));
        expect(steps[passesBefore]?.state.patience).toBe(0);
        expect(firstAdvance(steps)).toBe(passes.length - 1);
      }),
    );
  });

  it('moves by one stage at a time, never past the last or before the first', () => {
    fc.assert(
      fc.property(curriculumOptions, metricStream(gridValue), (options, calls) => {
        let index = 0;
        for (const { decision, state } of runCurriculum(options, calls)) {
          index += { advance: 1, rollback: -1, stay: 0 }[decision];
          expect(index).toBeGreaterThanOrEqual(0);
          expect(index).toBeLessThan(options.stages.length);
          expect(state.stage).toBe(options.stages[index]?.name);
        }
      }),
    );
  });

  it('goes on as if nothing had happened after its state went through JSON at any point', () => {
    fc.assert(
      fc.property(
        curriculumOptions,
        metricStream(fc.oneof(gridValue, anyFinite)),
        (options, calls) => {
          const config = resolveCurriculumConfig(options);
          let state = initialCurriculumState(config);
          for (const metrics of calls) {
            const saved: unknown = JSON.parse(JSON.stringify(state));
            const restored = restoreCurriculumState(saved, config);
            expect(restored).toEqual(state);
            const step = stepCurriculum(state, metrics, config);
            expect(stepCurriculum(restored, metrics, config)).toEqual(step);
            state = step.state;
          }
        },
      ),
    );
  });

  it('keeps the latest smoothingWindowSize values of every tracked metric, across changes of stage', () => {
    fc.assert(
      fc.property(curriculumOptions, metricStream(gridValue), (options, calls) => {
        for (const [call, { state }] of runCurriculum(options, calls).entries()) {
          const latest = calls.slice(0, call + 1).slice(-options.smoothingWindowSize);
          for (const [metric, values] of Object.entries(state.history)) {
            expect(values).toEqual(latest.map((metrics) => metrics[metric]));
          }
        }
      }),
    );
  });

  it('refuses NaN and infinities with an error that names the metric, and keeps its state', () => {
    fc.assert(
      fc.property(
        curriculumOptions,
        metricStream(gridValue),
        fc.constantFrom(NaN, Infinity, -Infinity),
        fc.constantFrom(...metricNames),
        (options, calls, wrong, metric) => {
          const manager = new CurriculumManager(options);
          for (const metrics of calls) manager.checkForAdvancement(metrics);
          const isTracked = options.stages.some(({ exit }) =>
            exit.some((criterion) => criterion.metric === metric),
          );
          fc.pre(isTracked);
          const before = manager.state();
          const good = metricNames.map((name) => [name, name === metric ? wrong : 0.5]);
          const metrics = Object.fromEntries(good) as CurriculumMetrics;
          expect(thrownBy(() => manager.checkForAdvancement(metrics))).toMatchObject({
            code: 'CURRICULUM_METRIC_NOT_FINITE',
            message: `The metric '${metric}' must be a finite number: it is ${wrong}`,
          });
          expect(manager.state()).toBe(before);
        },
      ),
    );
  });
});
