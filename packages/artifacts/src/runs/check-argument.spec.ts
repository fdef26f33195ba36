import { argumentError, requireRecord, requireText } from './check-argument';

describe('argumentError', () => {
  it.each([
    [undefined, 'undefined'],
    [null, 'null'],
    ['a', '"a"'],
    [7, '7'],
    [[1], 'a list'],
    [{ a: 1 }, 'an object'],
  ])('argumentError() says what %j is', (value, said) => {
    expect(argumentError('do X', { rule: 'y must be z', value }).message).toBe(
      `Cannot do X: y must be z: current value is ${said}`,
    );
  });
});

describe('requireText', () => {
  it('requireText() accepts a text alone', () => {
    const argument = { action: 'do X', name: 'y' };
    expect(() => requireText('', argument)).not.toThrow();
    expect(() => requireText(undefined, argument)).toThrow(
      new TypeError('Cannot do X: y must be a text: current value is undefined'),
    );
  });
});

describe('requireRecord', () => {
  it('requireRecord() accepts an object that is no list', () => {
    const argument = { action: 'do X', name: 'y' };
    expect(() => requireRecord({}, argument)).not.toThrow();
    for (const value of [undefined, null, [], 'a', 1])
      expect(() => requireRecord(value, argument)).toThrow(TypeError);
  });
});
