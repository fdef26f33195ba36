import { fromHex } from '../test/float-bits';
import { canonicalJson } from './canonical-json';
import type { JsonValue } from './recorder';

function parse(text: string): JsonValue {
  return JSON.parse(text) as JsonValue;
}

describe('canonicalJson', () => {
  // RFC 8785, appendix B.
  it.each([
    ['0000000000000000', '0'],
    ['8000000000000000', '0'],
    ['0000000000000001', '5e-324'],
    ['8000000000000001', '-5e-324'],
    ['7fefffffffffffff', '1.7976931348623157e+308'],
    ['ffefffffffffffff', '-1.7976931348623157e+308'],
    ['4340000000000000', '9007199254740992'],
    ['c340000000000000', '-9007199254740992'],
    ['4430000000000000', '295147905179352830000'],
    ['44b52d02c7e14af5', '9.999999999999997e+22'],
    ['44b52d02c7e14af6', '1e+23'],
    ['44b52d02c7e14af7', '1.0000000000000001e+23'],
    ['444b1ae4d6e2ef4e', '999999999999999700000'],
    ['444b1ae4d6e2ef4f', '999999999999999900000'],
    ['444b1ae4d6e2ef50', '1e+21'],
    ['3eb0c6f7a0b5ed8c', '9.999999999999997e-7'],
    ['3eb0c6f7a0b5ed8d', '0.000001'],
    ['41b3de4355555553', '333333333.3333332'],
    ['41b3de4355555554', '333333333.33333325'],
    ['41b3de4355555555', '333333333.3333333'],
    ['41b3de4355555556', '333333333.3333334'],
    ['41b3de4355555557', '333333333.33333343'],
    ['becbf647612f3696', '-0.0000033333333333333333'],
    ['43143ff3c1cb0959', '1424953923781206.2'],
  ])('writes the number with bits %s as %s', (bits, text) => {
    expect(canonicalJson(fromHex(bits))).toBe(text);
  });

  it.each(['7fffffffffffffff', '7ff0000000000000', 'fff0000000000000'])(
    'refuses the number with bits %s',
    (bits) => {
      expect(() => canonicalJson({ loss: [fromHex(bits)] })).toThrow(TypeError);
      expect(() => canonicalJson({ loss: [fromHex(bits)] })).toThrow('$.loss[0]');
    },
  );

  // RFC 8785, sections 3.2.2 to 3.2.4, and the test data that its author published.
  it.each([
    [
      'values',
      String.raw`{"numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
        "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/", "literals": [null, true, false]}`,
      String.raw`{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],` +
        String.raw`"string":"€$\u000f\nA'B\"\\\\\"/"}`,
    ],
    [
      'weird',
      String.raw`{"\u20ac": "Euro Sign", "\r": "Carriage Return", "\u000a": "Newline", "1": "One",
        "\u0080": "Control\u007f", "\ud83d\ude02": "Smiley",
        "\u00f6": "Latin Small Letter O With Diaeresis",
        "\ufb33": "Hebrew Letter Dalet With Dagesh", "</script>": "Browser Challenge"}`,
      String.raw`{"\n":"Newline","\r":"Carriage Return","1":"One","</script>":"Browser Challenge",` +
        '"\u0080":"Control\u007f","\u00f6":"Latin Small Letter O With Diaeresis","\u20ac":"Euro Sign",' +
        '"\ud83d\ude02":"Smiley","\ufb33":"Hebrew Letter Dalet With Dagesh"}',
    ],
    [
      'structures',
      String.raw`{"1": {"f": {"f": "hi","F": 5} ,"\n": 56.0}, "10": { }, "": "empty", "a": { },
        "111": [ {"e": "yes","E": "no" } ], "A": { }}`,
      String.raw`{"":"empty","1":{"\n":56,"f":{"F":5,"f":"hi"}},"10":{},"111":[{"E":"no","e":"yes"}],"A":{},"a":{}}`,
    ],
    [
      'french',
      `{"peach": "This sorting order", "péché": "is wrong according to French",
        "pêche": "but canonicalization MUST", "sin": "ignore locale"}`,
      '{"peach":"This sorting order","péché":"is wrong according to French",' +
        '"pêche":"but canonicalization MUST","sin":"ignore locale"}',
    ],
    ['arrays', '[56, {"d": true, "10": null, "1": [ ]}]', '[56,{"1":[],"10":null,"d":true}]'],
    [
      'unicode',
      String.raw`{"Unnormalized Unicode":"A\u030a"}`,
      '{"Unnormalized Unicode":"A\u030a"}',
    ],
  ])('gives the published text of the sample "%s"', (_, input, output) => {
    expect(canonicalJson(parse(input))).toBe(output);
  });

  it('keeps a key named __proto__', () => {
    expect(canonicalJson(parse('{"b": 1, "__proto__": {"a": 2}}'))).toBe(
      '{"__proto__":{"a":2},"b":1}',
    );
  });

  it('takes objects without a prototype', () => {
    const object = Object.assign(Object.create(null) as Record<string, JsonValue>, { b: 1, a: 2 });
    expect(canonicalJson(object)).toBe('{"a":2,"b":1}');
  });

  it('takes one object in two places', () => {
    const shared = { a: 1 };
    expect(canonicalJson([shared, shared])).toBe('[{"a":1},{"a":1}]');
  });

  const cycle: Record<string, unknown> = {};
  cycle['self'] = [cycle];
  it.each<[string, unknown, string]>([
    ['undefined', { a: undefined }, '$.a'],
    ['a hole in an array', new Array(1), '$[0]'],
    ['a function', [() => 1], '$[0]'],
    ['a symbol', Symbol('x'), '$'],
    ['a bigint', { a: { b: 1n } }, '$.a.b'],
    ['a date', { at: new Date(0) }, '$.at'],
    ['a map', new Map(), '$'],
    ['a typed array', { a: new Float32Array(1) }, '$.a'],
    ['a lone surrogate', ['\ud800'], '$[0]'],
    ['a lone surrogate in a key', { '\udc00': 1 }, '$'],
    ['a cycle', cycle, '$.self[0]'],
  ])('refuses %s and names its place', (_, value, place) => {
    const act = () => canonicalJson(value as JsonValue);
    expect(act).toThrow(TypeError);
    expect(act).toThrow(new RegExp(`at ${place.replace(/[$[\].]/g, '\\$&')}(:|$)`));
  });
});
