import { firstDifference } from './first-difference';

describe('firstDifference()', () => {
  const cycle: { self?: unknown } = {};
  cycle.self = cycle;
  const otherCycle: { self?: unknown } = {};
  otherCycle.self = otherCycle;
  const nan = new Float32Array(new Uint32Array([0x7fc00000]).buffer);
  const otherNan = new Float32Array(new Uint32Array([0x7fc00001]).buffer);

  it.each<[name: string, a: unknown, b: unknown]>([
    ['numbers', 1, 1],
    ['NaN', NaN, NaN],
    ['NaN of other bits', nan, otherNan],
    ['nested', { a: [1, { b: 'x' }] }, { a: [1, { b: 'x' }] }],
    ['keys in another order', { a: 1, b: 2 }, { b: 2, a: 1 }],
    [
      'typed arrays at another offset',
      new Uint8Array([0, 1, 2]).subarray(1),
      new Uint8Array([1, 2]),
    ],
    ['buffers', new ArrayBuffer(4), new ArrayBuffer(4)],
    ['maps', new Map([['a', [1]]]), new Map([['a', [1]]])],
    ['maps with objects for keys', new Map([[{ a: 1 }, 2]]), new Map([[{ a: 1 }, 2]])],
    ['sets', new Set([1, NaN]), new Set([1, NaN])],
    ['dates', new Date(5), new Date(5)],
    ['bigints', 5n, 5n],
    ['cycles', cycle, otherCycle],
    ['errors', new Error('a'), new Error('a')],
  ])('firstDifference() finds none between equal %s', (_, a, b) => {
    expect(firstDifference(a, b)).toBeUndefined();
  });

  it.each<[path: string, a: unknown, b: unknown, expected: unknown, actual: unknown]>([
    ['$', 1, 2, 1, 2],
    ['$', 0, -0, 0, -0],
    ['$', 1, '1', 1, '1'],
    ['$', 1n, 2n, 1n, 2n],
    ['$', null, undefined, null, undefined],
    ['$.weights[3]', { weights: [0, 0, 0, 1] }, { weights: [0, 0, 0, 2] }, 1, 2],
    [
      '$.weights[1]',
      { weights: new Float32Array([0, 0]) },
      { weights: new Float32Array([0, -0]) },
      0,
      -0,
    ],
    ['$[0]', new BigInt64Array([1n]), new BigInt64Array([2n]), 1n, 2n],
    [
      '$[1]',
      new DataView(new Uint8Array([1, 2]).buffer),
      new DataView(new Uint8Array([1, 3]).buffer),
      2,
      3,
    ],
    ['$[2]', new Uint8Array([1, 2, 3]).buffer, new Uint8Array([1, 2, 4]).buffer, 3, 4],
    ['$.length', [1], [1, 2], 1, 2],
    ['$[0]', [1], [2, 3], 1, 2],
    ['$.a["b c"]', { a: { 'b c': 1 } }, { a: { 'b c': 2 } }, 1, 2],
    ['$.b', { a: 1 }, { a: 1, b: undefined }, undefined, undefined],
    ['$.b', { a: 1, b: 3 }, { a: 1 }, 3, undefined],
    ['$.m.get("k").x', { m: new Map([['k', { x: 1 }]]) }, { m: new Map([['k', { x: 2 }]]) }, 1, 2],
    [
      '[...$.keys()][0]',
      new Map([
        ['a', 1],
        ['b', 1],
      ]),
      new Map([
        ['b', 1],
        ['a', 1],
      ]),
      'a',
      'b',
    ],
    ['[...$.keys()].length', new Map([['a', 1]]), new Map(), 1, 0],
    ['[...$.s][1].a', { s: new Set([0, { a: 1 }]) }, { s: new Set([0, { a: 2 }]) }, 1, 2],
    ['[...$].length', new Set([1]), new Set([1, 2]), 1, 2],
  ])('firstDifference() names %s', (path, a, b, expected, actual) => {
    expect(firstDifference(a, b)).toStrictEqual({ path, expected, actual });
  });

  it.each<[name: string, a: unknown, b: unknown]>([
    ['kinds of typed array', new Float32Array(1), new Float64Array(1)],
    ['array and object', [], {}],
    ['dates', new Date(1), new Date(2)],
    ['errors', new Error('a'), new Error('b')],
    ['regular expressions', /a/, /a/g],
  ])('firstDifference() tells %s apart', (_, a, b) => {
    expect(firstDifference(a, b)).toStrictEqual({ path: '$', expected: a, actual: b });
  });
});
