import { thrownBy } from '../../test/thrown-by';
import { rankOf } from './rank';

describe('rankOf()', () => {
  it('is 0 outside a job, and takes the first variable that says something', () => {
    expect(rankOf({})).toBe(0);
    expect(rankOf({ RANK: '', SLURM_PROCID: '3' })).toBe(3);
    expect(rankOf({ RANK: '1', OMPI_COMM_WORLD_RANK: '2', PMI_RANK: '3' })).toBe(1);
  });

  it('refuses what is no rank', () => {
    for (const RANK of ['-1', 'x', '1.5']) {
      expect(thrownBy(() => rankOf({ RANK }))).toMatchObject({ code: 'RANK_INVALID' });
    }
  });
});
