import { IntegrityError } from '@pixelis/core';

import { thrownBy } from '../test/thrown-by';
import { initialCurriculumState, resolveCurriculumConfig, restoreCurriculumState } from './index';

const config = resolveCurriculumConfig({
  stages: [
    { name: 'simple', exit: [{ metric: 'accuracy', threshold: 0.9 }] },
    { name: 'hard', exit: [{ metric: 'loss', threshold: 0.1, direction: 'min' }] },
  ],
});

const good = {
  stage: 'hard',
  history: { accuracy: [0.5, 0.6, 0.7], loss: [1, 2, 3] },
  cooldown: 3,
  patience: 1,
  entry: { loss: 2 },
};

describe('initialCurriculumState', () => {
  it('begins at the first stage with nothing measured', () => {
    expect(initialCurriculumState(config)).toEqual({
      stage: 'simple',
      history: { accuracy: [], loss: [] },
      cooldown: 0,
      patience: 0,
      entry: null,
    });
  });
});

describe('restoreCurriculumState', () => {
  it('accepts its own states, whatever the order of their keys, and freezes them', () => {
    const reordered = Object.fromEntries(Object.entries(good).reverse());
    const state = restoreCurriculumState(reordered, config);
    expect(state).toEqual(good);
    expect(JSON.stringify(state)).toBe(JSON.stringify(good));
    for (const part of [state, state.history, state.history['loss'], state.entry]) {
      expect(Object.isFrozen(part)).toBe(true);
    }
  });

  const history = good.history;
  const wrong: [string, unknown][] = [
    ['state must be an object: current value is null', null],
    ["state must be an object: current value is 'hard'", 'hard'],
    ["state lacks 'stage'", {}],
    ["state holds 'version', which is not known", { ...good, version: 2 }],
    [
      "stage must be one of 'simple', 'hard': current value is 'medium'",
      { ...good, stage: 'medium' },
    ],
    ['history must be an object: current value is 1,2', { ...good, history: [1, 2] }],
    ["history lacks 'loss'", { ...good, history: { accuracy: [] } }],
    ["history holds 'mcc', which is not known", { ...good, history: { ...history, mcc: [] } }],
    [
      "history of 'loss' must be an array: current value is 1",
      { ...good, history: { ...history, loss: 1 } },
    ],
    [
      "history of 'loss' at index 1 must be a finite number: current value is null",
      { ...good, history: { ...history, loss: [1, null, 3] } },
    ],
    [
      "history of 'accuracy' must hold at most 3 values: it holds 4",
      { ...good, history: { accuracy: [1, 2, 3, 4], loss: [1, 2, 3, 4] } },
    ],
    [
      "history must hold equally many values of each metric: 'loss' has 1, 'accuracy' 3",
      { ...good, history: { ...history, loss: [1] } },
    ],
    ['cooldown must be an integer from 0 to 3: current value is 4', { ...good, cooldown: 4 }],
    ['cooldown must be an integer from 0 to 3: current value is -1', { ...good, cooldown: -1 }],
    ['patience must be an integer from 0 to 1: current value is 2', { ...good, patience: 2 }],
    ['patience must be an integer from 0 to 1: current value is 0.5', { ...good, patience: 0.5 }],
    [
      'patience must be a finite number: current value is undefined',
      { ...good, patience: undefined },
    ],
    ["entry lacks 'loss'", { ...good, entry: {} }],
    ["entry holds 'accuracy', which is not known", { ...good, entry: { loss: 1, accuracy: 1 } }],
    [
      "entry of 'loss' must be a finite number: current value is Infinity",
      { ...good, entry: { loss: Infinity } },
    ],
  ];
  it.each(wrong)('says: %s', (detail, value) => {
    const restore = () => restoreCurriculumState(value, config);
    const error = thrownBy(restore);
    expect(error).toBeInstanceOf(IntegrityError);
    expect(error).toMatchObject({
      code: 'CURRICULUM_STATE_INVALID',
      message: `Cannot restore a curriculum: ${detail}`,
    });
  });
});
