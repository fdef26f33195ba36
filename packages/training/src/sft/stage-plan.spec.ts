import { UsageError } from '@pixelis/core';
import { thrownBy } from '../../test/support/thrown-by';
import { tinyConfig, type TinyConfigChanges } from '../../test/support/tiny-run';
import { planStages } from './stage-plan';

type Stages = NonNullable<NonNullable<TinyConfigChanges['curriculum']>['stages']>;

const exit = (metric: string) => [{ metric, threshold: 0.5, direction: 'max' as const }];

describe('planStages()', () => {
  it('mixes what each stage says, and measures what it mixes or the curriculum looks at', () => {
    const plan = planStages(
      configOf([
        { name: 'a', exit: exit('accuracy/medium'), mixture: { simple: 1, hard: 0 } },
        { name: 'b', exit: [], mixture: { hard: 2 } },
      ]),
    );

    expect(plan.mixtureOf('a')).toEqual({ simple: 1, hard: 0 });
    expect(plan.levelsOf('a')).toEqual(['simple', 'medium']);
    expect(plan.trainedLevelsOf('a')).toEqual(['simple']);
    expect(plan.mixtureOf('b')).toEqual({ hard: 2 });
    expect(plan.levelsOf('b')).toEqual(['medium', 'hard']);
    expect(plan.options).toMatchObject({
      stages: [{ name: 'a', exit: exit('accuracy/medium') }, { name: 'b' }],
      smoothingWindowSize: 1,
      patienceCycles: 1,
      cooldownCycles: 0,
      rollbackThreshold: -0.05,
    });
  });

  it('names the nearest level for one that there is not', () => {
    const error = thrownBy(() =>
      planStages(configOf([{ name: 'a', exit: [], mixture: { hrad: 1 } }])),
    );

    expect(error).toBeInstanceOf(UsageError);
    expect(error).toMatchObject({
      code: 'LEVEL_UNKNOWN',
      message: expect.stringContaining('"hrad"') as string,
      remedy: expect.stringContaining('Did you mean "hard"?') as string,
    });
  });

  it('lets the curriculum look at the loss on val, for which no further level is measured', () => {
    const plan = planStages(
      configOf([
        { name: 'a', exit: exit('loss/val'), mixture: { medium: 1 } },
        { name: 'b', exit: [], mixture: { hard: 1 } },
      ]),
    );
    expect(plan.levelsOf('a')).toEqual(['medium']);
  });

  it.each(['accuracy/mediun', 'accuracy/', 'loss/train', '__proto__'])(
    'refuses metric %s, which is not measured',
    (metric) => {
      const stages = [
        { name: 'a', exit: exit(metric), mixture: { simple: 1 } },
        { name: 'b', exit: [], mixture: { simple: 1 } },
      ];

      const error = thrownBy(() => planStages(configOf(stages)));

      expect(error).toBeInstanceOf(UsageError);
      expect(error).toMatchObject({
        code: 'METRIC_UNKNOWN',
        message: expect.stringContaining(metric) as string,
      });
    },
  );
});

// Helpers

function configOf(stages: Stages) {
  return tinyConfig({ curriculum: { stages } });
}
