import type { JsonValue } from '@pixelis/core';
import { thrownBy } from '../../test/thrown-by';
import { parseCondition } from './run-condition';

describe('parseCondition', () => {
  it.each<[string, JsonValue | undefined, boolean]>([
    ['a>1', 2, true],
    ['a>1', 1, false],
    ['a>=1', 1, true],
    ['a<1', 1, false],
    ['a<=1', 1, true],
    ['a < -0.5e1', -6, true],
    ['a=1', 1, true],
    ['a=1', '1', false],
    ['a="1"', '1', true],
    ['a=1.0', 1, true],
    ['a=cosine', 'cosine', true],
    ['a=true', true, true],
    ['a=null', null, true],
    ['a=null', undefined, false],
    ['a=', '', true],
    ['a=b=c', 'b=c', true],
    ['a=["easy","hard"]', ['easy', 'hard'], true],
    ['a!=1', 2, true],
    ['a!=1', 1, false],
    ['a!=1', undefined, false],
    ['a>1', '2', false],
    ['a>1', undefined, false],
  ])('parseCondition() %j of %j is %j', (text, value, isMet) => {
    const { key, isMetBy } = parseCondition(text);
    expect([key, isMetBy(value)]).toEqual(['a', isMet]);
  });

  it.each(['', 'a', '=1', '>', 'a>high', ' =1', 'a<null'])(
    'parseCondition() refuses %j',
    (text) => {
      expect(thrownBy(() => parseCondition(text))).toMatchObject({
        code: 'RUN_FILTER_INVALID',
        exitCode: 2,
        message: expect.stringContaining(JSON.stringify(text)) as unknown,
      });
    },
  );
});
