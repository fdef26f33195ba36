import { IntegrityError, sha256 } from '@pixelis/core';
import { thrownBy } from '../../test/support/thrown-by';
import { restoreSftState } from './sft-state';

const state = {
  loader: { epoch: 1, batch: 2 },
  curriculum: { stage: 'a' },
  epoch: { epoch: 1, steps: 2, loss_sum: 0.5 },
  chain: { batch: sha256('') },
  files: { 'metrics.jsonl': { bytes: 10, sha256: sha256('') } },
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
    ['negative offsets', { ...state, files: { a: { bytes: -1, sha256: sha256('') } } }],
    ['no hash of a file', { ...state, files: { a: { bytes: 1 } } }],
    ['no digest of batches', { ...state, chain: {} }],
    ['more than there should be', { ...state, more: 1 }],
  ])('refuses %s', (_, value) => {
    const error = thrownBy(() => restoreSftState(value));

    expect(error).toBeInstanceOf(IntegrityError);
    expect(error).toMatchObject({ code: 'CHECKPOINT_BROKEN', exitCode: 5 });
  });
});
