import fc from 'fast-check';
import { jsonFault } from './json-fault';

describe('jsonFault()', () => {
  it.each([
    ['{"a": {"b": 3,}}', 1, 14, 'a comma stands before the closing bracket'],
    ['[1,\n 2,\n]', 2, 3, 'a comma stands before the closing bracket'],
    ['{"a": 1\r\n "b": 2}', 2, 2, 'a comma or a closing bracket is missing'],
    ['{a: 1}', 1, 2, 'a key in double quotes is missing, and what stands there is none'],
    ["{'a': 1}", 1, 2, 'a key in double quotes is missing, and what stands there is none'],
    ['{"a" 1}', 1, 6, 'a colon after a key is missing'],
    ['{"a": 01}', 1, 7, 'a value is missing, and what stands there is none'],
    ['{"a": .5}', 1, 7, 'a value is missing, and what stands there is none'],
    ['{"a": NaN}', 1, 7, 'a value is missing, and what stands there is none'],
    ['{"a": 1 // one\n}', 1, 9, 'a comma or a closing bracket is missing, and what stands there is none'],
    ['# a\n{}', 1, 1, 'a value is missing, and what stands there is none'],
    ['{"a": 1', 1, 8, 'the text ends where a comma or a closing bracket is missing'],
    ['[1}', 1, 3, 'a comma or a closing bracket is missing'],
    ['', 1, 1, 'the text ends where a value is missing'],
    ['{} {}', 1, 4, 'something stands after its end'],
    ['a: 1', 1, 1, 'a value is missing, and what stands there is none'],
  ])('jsonFault() of %j is at line %i, column %i', (text, line, column, problem) => {
    expect(jsonFault(text)).toEqual({ problem, line, column });
  }); // prettier-ignore

  it('jsonFault() finds none in JSON, and one in whatever JSON.parse() refuses', () => {
    const broken = fc
      .tuple(fc.json(), fc.nat(), fc.constantFrom(',', '}', ']', '"', ':', 'x', ''))
      .map(([text, at, extra]) => {
        const place = at % (text.length + 1);
        return text.slice(0, place) + extra + text.slice(extra === '' ? place + 1 : place);
      });
    fc.assert(
      fc.property(fc.oneof(fc.json(), broken), (text) => {
        expect(jsonFault(text) === undefined).toBe(isJson(text));
      }),
    );
  });

  it('jsonFault() stops at the first character that no continuation could mend', () => {
    const cut = fc.tuple(fc.json(), fc.nat()).map(([text, at]) => text.slice(0, at % text.length));
    fc.assert(
      fc.property(cut, (text) => {
        const fault = jsonFault(text);
        if (fault?.problem.startsWith('the text ends') === true)
          expect(fault.column).toBe(text.length + 1);
      }),
    );
  });
});

// Helpers

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
