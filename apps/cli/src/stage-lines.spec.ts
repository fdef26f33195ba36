import { replayLines } from './stage-lines';

describe('replayLines', () => {
  it('breaks the values at 80 characters, and names the run that is not what its record says', () => {
    const lines = replayLines({
      step: 4,
      isFaithful: [true, false],
      values: {
        step: 4,
        difference: {
          tensor: 'decoder.blocks.0.attention.out.bias',
          shape: [64],
          problem: null,
          count: 64,
          largest: { index: [53], values: [-0.0103589678, -0.0106861935], difference: 0.0003, ulps: 3 },
        },
      },
    }).split('\n'); // prettier-ignore
    expect(Math.max(...lines.map(({ length }) => length))).toBeLessThanOrEqual(80);
    expect(lines).toEqual([
      'replay  step 4: decoder.blocks.0.attention.out.bias: 64 values differ, most at',
      '        [53]: -0.0103589678 in A, -0.0106861935 in B (3 ULP)',
      '        trained again, B is not what its record says',
    ]);
  });
});
