import { UsageError } from '@pixelis/core';

import { thrownBy } from '../test/thrown-by';
import { type CurriculumOptions, resolveCurriculumConfig, trackedMetrics } from './index';

const exit = [{ metric: 'accuracy', threshold: 0.9 }];
const stages = [
  { name: 'simple', exit },
  { name: 'hard', exit: [] },
];

describe('resolveCurriculumConfig', () => {
  it('fills in the defaults', () => {
    expect(resolveCurriculumConfig({ stages })).toEqual({
      stages: [
        { name: 'simple', exit: [{ metric: 'accuracy', threshold: 0.9, direction: 'max' }] },
        { name: 'hard', exit: [] },
      ],
      smoothingWindowSize: 3,
      patienceCycles: 2,
      cooldownCycles: 3,
      rollbackThreshold: -0.05,
    });
  });

  it('returns a resolved configuration as it is, and frozen', () => {
    const config = resolveCurriculumConfig({ stages, cooldownCycles: 0, rollbackThreshold: 0 });
    expect(resolveCurriculumConfig(config)).toEqual(config);
    for (const part of [config, config.stages, config.stages[0], config.stages[0]?.exit[0]]) {
      expect(Object.isFrozen(part)).toBe(true);
    }
  });

  const wrong: [string, Partial<CurriculumOptions>][] = [
    ['stages must hold at least one stage: it is empty', { stages: [] }],
    ['stages[0].name must not be empty', { stages: [{ name: '', exit }] }],
    [
      "stages[1].name must be unique: 'a' occurs twice",
      {
        stages: [
          { name: 'a', exit },
          { name: 'a', exit },
        ],
      },
    ],
    [
      "stages[0].exit must hold at least one criterion: that of 'a' is empty",
      {
        stages: [
          { name: 'a', exit: [] },
          { name: 'b', exit },
        ],
      },
    ],
    [
      'stages[0].exit[0].metric must not be empty',
      { stages: [{ name: 'a', exit: [{ metric: '', threshold: 1 }] }] },
    ],
    [
      "stages[0].exit[1].metric must be unique within its stage: 'accuracy' occurs twice",
      { stages: [{ name: 'a', exit: [...exit, ...exit] }] },
    ],
    [
      'stages[0].exit[0].threshold must be a finite number: current value is NaN',
      { stages: [{ name: 'a', exit: [{ metric: 'm', threshold: NaN }] }] },
    ],
    [
      "stages[0].exit[0].direction must be 'max' or 'min': current value is 'up'",
      { stages: [{ name: 'a', exit: [{ metric: 'm', threshold: 1, direction: 'up' as 'max' }] }] },
    ],
    ['smoothingWindowSize must be an integer >= 1: current value is 0', { smoothingWindowSize: 0 }],
    ['patienceCycles must be an integer >= 1: current value is 1.5', { patienceCycles: 1.5 }],
    ['cooldownCycles must be an integer >= 0: current value is -1', { cooldownCycles: -1 }],
    [
      'rollbackThreshold must be a finite number <= 0: current value is 0.05',
      { rollbackThreshold: 0.05 },
    ],
    [
      'rollbackThreshold must be a finite number <= 0: current value is -Infinity',
      { rollbackThreshold: -Infinity },
    ],
  ];
  it.each(wrong)('says: %s', (detail, change) => {
    const resolve = () => resolveCurriculumConfig({ stages, ...change });
    const error = thrownBy(resolve);
    expect(error).toBeInstanceOf(UsageError);
    expect(error).toMatchObject({
      code: 'CURRICULUM_CONFIG_INVALID',
      message: `Wrong curriculum: ${detail}`,
    });
  });
});

describe('trackedMetrics', () => {
  it('lists the metrics of all stages once, in order of appearance', () => {
    const config = resolveCurriculumConfig({
      stages: [
        { name: 'a', exit: [{ metric: 'loss', threshold: 1, direction: 'min' }, ...exit] },
        { name: 'b', exit: [...exit, { metric: 'mcc', threshold: 0.5 }] },
      ],
    });
    expect(trackedMetrics(config)).toEqual(['loss', 'accuracy', 'mcc']);
  });
});
