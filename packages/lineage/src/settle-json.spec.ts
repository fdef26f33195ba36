import { settleJson } from './settle-json';

describe('settleJson', () => {
  it('settleJson() sorts keys at every depth and leaves out open members', () => {
    const settled = settleJson({ b: [{ d: 1, c: undefined, a: 2 }, undefined], a: null });
    expect(JSON.stringify(settled)).toBe('{"a":null,"b":[{"a":2,"d":1}]}');
  });

  it('settleJson() names the numbers that JSON lacks and mends lone surrogates', () => {
    expect(settleJson({ a: [NaN, -Infinity, 1], '\ud800': '\udc00' })).toEqual({
      a: ['NaN', '-Infinity', 1],
      '\ufffd': '\ufffd',
    });
  });

  it('settleJson() leaves out a member that a reader might take for a prototype', () => {
    expect(JSON.stringify(settleJson({ ['__proto__']: 1, a: 2 }))).toBe('{"a":2}');
  });
});
