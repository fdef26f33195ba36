import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fromHex, ulpsBetween } from '../../test/float-bits';
import { sha256 } from '../sha256';
import * as math from '.';

const vectors = JSON.parse(
  readFileSync(join(__dirname, '../../fixtures/math.json'), 'utf8'),
) as Record<keyof typeof math, string[][]>;

/** Greatest distance from the correctly rounded result, and the least share of results that hit it. */
const BOUNDS = {
  exp: { ulps: 1, shareExact: 0.95 },
  log: { ulps: 1, shareExact: 0.98 },
  sin: { ulps: 1, shareExact: 0.95 },
  cos: { ulps: 1, shareExact: 0.95 },
  pow: { ulps: 1, shareExact: 0.95 },
  tanh: { ulps: 2, shareExact: 0.85 },
  erf: { ulps: 2, shareExact: 0.85 },
} as const;

const names = ['exp', 'log', 'sin', 'cos', 'tanh', 'erf', 'pow'] as const;

function evaluate(name: keyof typeof math, [x = NaN, y = NaN]: number[]): number {
  return name === 'pow' ? math.pow(x, y) : math[name](x);
}

describe('math', () => {
  it.each(names)('%s stays within its bound of the correctly rounded vectors', (name) => {
    const { ulps, shareExact } = BOUNDS[name];
    const rows = vectors[name];
    const far: string[] = [];
    let exactCount = 0;
    for (const row of rows) {
      const [result = NaN, ...reversed] = row.map(fromHex).reverse();
      const args = reversed.reverse();
      const distance = ulpsBetween(evaluate(name, args), result);
      if (distance === 0) exactCount += 1;
      if (distance > ulps) far.push(`${name}(${args.join(', ')}) is ${distance} ulps off`);
    }
    expect(far).toEqual([]);
    expect(rows.length).toBeGreaterThan(180);
    expect(exactCount / rows.length).toBeGreaterThan(shareExact);
  });

  it('gives the bits that every machine must give, at 7,000 points', () => {
    const results = new DataView(new ArrayBuffer(7 * 1000 * 8));
    for (let i = 0; i < 1000; i += 1) {
      const size = 0.001 * i * i + i / 7 + 1e-3;
      const x = i % 2 === 0 ? size : -size;
      const row = [
        math.exp(x),
        math.log(size),
        math.sin(x * 1e3),
        math.cos(x * 1e100),
        math.tanh(x / 50),
        math.erf(x / 200),
        math.pow(size, x / 10),
      ];
      row.forEach((result, column) => results.setFloat64((i * 7 + column) * 8, result));
    }
    expect(sha256(results)).toBe(
      '136e0932d766440341bcd3e49f4f2f46685626e3e3929d0ae2780b6cce6f61fd',
    );
  });
});

describe('special values', () => {
  it.each<[keyof typeof math, number, number]>([
    ['exp', NaN, NaN],
    ['exp', Infinity, Infinity],
    ['exp', -Infinity, 0],
    ['exp', -0, 1],
    ['log', NaN, NaN],
    ['log', -1, NaN],
    ['log', -Infinity, NaN],
    ['log', 0, -Infinity],
    ['log', -0, -Infinity],
    ['log', 1, 0],
    ['log', Infinity, Infinity],
    ['sin', NaN, NaN],
    ['sin', Infinity, NaN],
    ['sin', -Infinity, NaN],
    ['sin', -0, -0],
    ['cos', NaN, NaN],
    ['cos', Infinity, NaN],
    ['cos', -Infinity, NaN],
    ['cos', -0, 1],
    ['tanh', NaN, NaN],
    ['tanh', Infinity, 1],
    ['tanh', -Infinity, -1],
    ['tanh', -0, -0],
    ['erf', NaN, NaN],
    ['erf', Infinity, 1],
    ['erf', -Infinity, -1],
    ['erf', -0, -0],
  ])('%s(%d) is %d', (name, x, expected) => {
    expect(evaluate(name, [x])).toBe(expected);
  });

  // ECMA-262, 6.1.6.1.3 Number::exponentiate, step by step.
  it.each([
    [5, NaN, NaN],
    [1, NaN, NaN],
    [NaN, 0, 1],
    [NaN, -0, 1],
    [Infinity, -0, 1],
    [NaN, 1, NaN],
    [Infinity, 0.5, Infinity],
    [Infinity, -0.5, 0],
    [-Infinity, 3, -Infinity],
    [-Infinity, 2, Infinity],
    [-Infinity, 0.5, Infinity],
    [-Infinity, -3, -0],
    [-Infinity, -2, 0],
    [0, 0.5, 0],
    [0, -0.5, Infinity],
    [-0, 3, -0],
    [-0, 2, 0],
    [-0, 0.5, 0],
    [-0, -3, -Infinity],
    [-0, -2, Infinity],
    [1.1, Infinity, Infinity],
    [-1.1, Infinity, Infinity],
    [1.1, -Infinity, 0],
    [1, Infinity, NaN],
    [-1, Infinity, NaN],
    [1, -Infinity, NaN],
    [-1, -Infinity, NaN],
    [0.9, Infinity, 0],
    [-0.9, -Infinity, Infinity],
    [-8, 1 / 3, NaN],
    [-2, 3, -8],
    [-1, 2 ** 53, 1],
    [-1, 2 ** 53 - 1, -1],
    [-0.5, 1e300, 0],
    [1 + 2 ** -52, 1e300, Infinity],
  ])('pow(%d, %d) is %d', (x, y, expected) => {
    expect(math.pow(x, y)).toBe(expected);
  });
});
