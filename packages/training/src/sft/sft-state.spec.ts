import { IntegrityError } from '@pixelis/core';
import { thrownBy } from '../../test/support/thrown-by';
import { restoreSftState } from './sft-state';

const state = {
  loader: { epoch: 1, batch: 2 },
  curriculum: { stage: 'a' },
  epoch: { epoch: 1, steps: 2, loss_sum: 0.5 },
  files: { 'metrics.jsonl': 10 },
};

describe('restoreSftState()', () => {
  it('gives back a state that went through JSON', () => {
    expect(restoreSftState(JSON.parse(JSON.stringify(state)))).toEqual(state);
  });

  it.each([
    ['nothing', null],
    ['no loader', { ...state, loader: undefined }],
    ['a negative place', { ...state, loader: { epoch: -1, batch: 0 } }],
    ['a broken place', { ...state, loader: { epoch: 0, batch: 0.5 } }],
    ['no sum', { ...state, epoch: { epoch: 0, steps: 0, loss_sum: null } }],
    ['negative offsets', { ...state, files: { 'metrics.jsonl': -1 } }],
    ['more than there should be', { ...state, more: 1 }],
  ])('refuses %s', (_, value) => {
    const error = thrownBy(() => restoreSftState(value));

    expect(error).toBeInstanceOf(IntegrityError);
    expect(error).toMatchObject({ code: 'CHECKPOINT_BROKEN', exitCode: 5 });
  });
});
