import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { canonicalJson, IntegrityError, sha256, UsageError } from '@pixelis/core';

import { Generator } from './generator';

interface Sample {
  seed: number;
  forks: string[];
  identity: string;
  uint32: number[];
  uniform: number[];
  normal: number[];
  integer_minus_3_to_7: number[];
  integer_below_2147483649: number[];
  integer_below_4503599627370497: number[];
  permutation_20: number[];
}

function isFixture(value: unknown): value is { streams: Sample[] } {
  return typeof value === 'object' && value !== null && 'streams' in value;
}

function readSamples(): Sample[] {
  const path = join(__dirname, '../fixtures/streams.json');
  const fixture: unknown = JSON.parse(readFileSync(path, 'utf8'));
  if (!isFixture(fixture)) throw new Error('The fixture is damaged');
  return fixture.streams;
}

/** Pearson's chi-square of `draws` draws of `draw` against equal chances of `cells` outcomes. */
function chiSquare(cells: number, draws: number, draw: () => number): number {
  const counts = new Float64Array(cells);
  for (let index = 0; index < draws; index++) counts[draw()]! += 1;
  const expected = draws / cells;
  return counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
}

/** What chi-square exceeds with a chance of about 1 in 10,000 (Wilson-Hilferty). */
function chiSquareLimit(cells: number): number {
  const freedom = cells - 1;
  const spread = 2 / (9 * freedom);
  return freedom * (1 - spread + 3.719 * Math.sqrt(spread)) ** 3;
}

describe('Generator, against an independent implementation', () => {
  describe.each(readSamples())('seed $seed, forks $forks', (sample) => {
    function fresh(): Generator {
      return sample.forks.reduce(
        (generator, name) => generator.fork(name),
        Generator.fromSeed(sample.seed),
      );
    }
    function take(draw: (generator: Generator) => number): number[] {
      const generator = fresh();
      return sample.uint32.map(() => draw(generator));
    }

    it('state() holds the identity', () => {
      expect(fresh().state()).toEqual({
        algorithm: 'philox4x32-10',
        identity: sample.identity,
        drawn: 0,
      });
    });

    it('uint32(), uniform(), integer() and permutation() are equal', () => {
      expect(take((g) => g.uint32())).toEqual(sample.uint32);
      expect(take((g) => g.uniform())).toEqual(sample.uniform);
      expect(take((g) => g.integer(-3, 7))).toEqual(sample.integer_minus_3_to_7);
      expect(take((g) => g.integer(0, 2 ** 31 + 1))).toEqual(sample.integer_below_2147483649);
      expect(take((g) => g.integer(0, 2 ** 52 + 1))).toEqual(sample.integer_below_4503599627370497);
      expect([...fresh().permutation(20)]).toEqual(sample.permutation_20);
    });

    it('normal() agrees with 50-digit arithmetic', () => {
      take((g) => g.normal()).forEach((value, index) => {
        const exact = sample.normal[index]!;
        // Near a zero of the cosine the rounding of the angle 2 pi v dominates: at most 4 units in the last place of 2 pi.
        expect(Math.abs(value - exact)).toBeLessThanOrEqual(
          4 * Number.EPSILON * Math.abs(exact) + 2 ** -48,
        );
      });
    });
  });
});

describe('Generator, streams that a release must not change', () => {
  it('normal(), fillNormal() and fillUniform() keep their bits for seed 42', () => {
    const normals = Float64Array.from({ length: 1000 }, () => 0);
    const generator = Generator.fromSeed(42);
    normals.forEach((_, index) => (normals[index] = generator.normal()));
    expect(sha256(normals)).toBe(
      '550e4b40bbfc7a7999f855b3126ef0f78f27743dc4d8c6e7387282c6efff39c1',
    );
    expect(sha256(Generator.fromSeed(42).fillNormal(new Float32Array(1000)))).toBe(
      'd3ca5f545e4119fbec1140a3b2f84274d2256cd01ea1bb0ddbc520400a5f4c0d',
    );
    expect(sha256(Generator.fromSeed(42).fillUniform(new Float32Array(1000)))).toBe(
      'ea12cdb2b18cac89f098f25a0ae60fe5b0f2333cc9176dd4020f37297a7b6d88',
    );
    expect(Generator.fromSeed(42).choice(['a', 'b', 'c', 'd', 'e', 'f', 'g'])).toBe('a');
  });
});

describe('Generator', () => {
  it.each([-1, 0.5, NaN, Infinity, 2 ** 53])('fromSeed() refuses %p', (seed) => {
    expect(() => Generator.fromSeed(seed)).toThrow(UsageError);
    expect(() => Generator.fromSeed(seed)).toThrow(
      expect.objectContaining({ code: 'SEED_INVALID' }) as Error,
    );
  });

  it('fork() gives other streams for other names, and for a name and its parts', () => {
    const root = Generator.fromSeed(0);
    const streams = [
      root,
      root.fork(''),
      root.fork('a'),
      root.fork('a').fork('b'),
      root.fork('ab'),
      root.fork('a:b'),
      root.fork('b').fork('a'),
      Generator.fromSeed(1).fork('a'),
    ];
    expect(new Set(streams.map((stream) => stream.state().identity)).size).toBe(streams.length);
  });

  it('fork() refuses a lone surrogate', () => {
    expect(() => Generator.fromSeed(0).fork('\ud800')).toThrow(TypeError);
  });

  it('state() is canonical JSON and goes on beyond 2^32 blocks', () => {
    const state = { ...Generator.fromSeed(3).state(), drawn: 2 ** 40 + 1 };
    const generator = Generator.fromState(JSON.parse(canonicalJson(state)));
    expect(generator.state()).toEqual(state);
    const low = Generator.fromState({ ...state, drawn: 1 });
    expect(generator.uint32()).not.toBe(low.uint32());
  });

  it.each([
    undefined,
    null,
    'text',
    {},
    { algorithm: 'mt19937', identity: '0'.repeat(32), drawn: 0 },
    { algorithm: 'philox4x32-10', identity: '0'.repeat(31), drawn: 0 },
    { algorithm: 'philox4x32-10', identity: 'G'.repeat(32), drawn: 0 },
    { algorithm: 'philox4x32-10', identity: '0'.repeat(32), drawn: -1 },
    { algorithm: 'philox4x32-10', identity: '0'.repeat(32), drawn: 1.5 },
    { algorithm: 'philox4x32-10', identity: '0'.repeat(32), drawn: '1' },
    { algorithm: 'philox4x32-10', identity: 1n, drawn: 1 },
  ])('fromState() refuses the damaged state %p', (state) => {
    expect(() => Generator.fromState(state)).toThrow(IntegrityError);
    expect(() => Generator.fromState(state)).toThrow(
      expect.objectContaining({ code: 'GENERATOR_STATE_DAMAGED' }) as Error,
    );
  });

  it.each([
    [0, Infinity],
    [NaN, 1],
    [1, 0],
    [-1.7e308, 1.7e308],
  ])('uniform() and fillUniform() refuse the bounds %p and %p', (low, high) => {
    expect(() => Generator.fromSeed(0).uniform(low, high)).toThrow(RangeError);
    expect(() => Generator.fromSeed(0).fillUniform(new Float32Array(1), { low, high })).toThrow(
      RangeError,
    );
  });

  it.each([
    [NaN, 1],
    [0, -1],
    [0, Infinity],
    [0, NaN],
  ])('normal() refuses mean %p and standard deviation %p', (mean, standardDeviation) => {
    expect(() => Generator.fromSeed(0).normal(mean, standardDeviation)).toThrow(RangeError);
  });

  it.each([
    [0, 0],
    [1, 0],
    [0.5, 2],
    [0, NaN],
    [0, 2 ** 53 + 2],
    [-1, 2 ** 53],
    [-(2 ** 53), 2 ** 53],
  ])('integer() refuses the bounds %p and %p', (low, high) => {
    expect(() => Generator.fromSeed(0).integer(low, high)).toThrow(RangeError);
  });

  it.each([-1, 1.5, NaN, 2 ** 32])('permutation() refuses the size %p', (size) => {
    expect(() => Generator.fromSeed(0).permutation(size)).toThrow(RangeError);
  });

  it('choice() refuses an empty list and a hole', () => {
    expect(() => Generator.fromSeed(0).choice([])).toThrow(RangeError);
    expect(() => Generator.fromSeed(0).choice([undefined])).toThrow(RangeError);
  });

  it('integer() is unbiased for narrow and wide spans', () => {
    const generator = Generator.fromSeed(42).fork('chi-square');
    for (const span of [2, 3, 10, 64, 97]) {
      const value = chiSquare(span, 40_000, () => generator.integer(5, 5 + span) - 5);
      expect(value).toBeLessThan(chiSquareLimit(span));
    }
    // A remainder without rejection would favour the lower third here.
    for (const span of [3 * 2 ** 30, 3 * 2 ** 51]) {
      const value = chiSquare(3, 40_000, () => Math.floor(generator.integer(0, span) / (span / 3)));
      expect(value).toBeLessThan(chiSquareLimit(3));
    }
  });

  it('permutation() and choice() give every outcome equally often', () => {
    const generator = Generator.fromSeed(42).fork('orders');
    const orders = ['012', '021', '102', '120', '201', '210'];
    const value = chiSquare(6, 12_000, () => orders.indexOf(generator.permutation(3).join('')));
    expect(value).toBeLessThan(chiSquareLimit(6));
    const items = ['a', 'b', 'c', 'd'];
    const choices = chiSquare(4, 12_000, () => items.indexOf(generator.choice(items)));
    expect(choices).toBeLessThan(chiSquareLimit(4));
  });

  it('uniform() and fillUniform() spread evenly', () => {
    const generator = Generator.fromSeed(42).fork('uniform');
    const cells = 50;
    const single = chiSquare(cells, 50_000, () => Math.floor(generator.uniform() * cells));
    expect(single).toBeLessThan(chiSquareLimit(cells));
    const filled = generator.fillUniform(new Float32Array(50_000)).values();
    const many = chiSquare(cells, 50_000, () => Math.floor(Number(filled.next().value) * cells));
    expect(many).toBeLessThan(chiSquareLimit(cells));
  });

  it('normal() has the moments of the normal distribution', () => {
    const generator = Generator.fromSeed(42).fork('moments');
    const count = 200_000;
    const moments = [0, 0, 0, 0];
    for (let index = 0; index < count; index++) {
      const value = generator.normal();
      moments.forEach((sum, order) => (moments[order] = sum + value ** (order + 1)));
    }
    // Each within four standard errors: the variance of x^n is E[x^2n] - E[x^n]^2.
    const expected = [0, 1, 0, 3];
    const variances = [1, 2, 15, 96];
    moments.forEach((sum, order) => {
      const error = Math.abs(sum / count - expected[order]!);
      expect(error).toBeLessThan(4 * Math.sqrt(variances[order]! / count));
    });
  });

  it('normal() scales by mean and standard deviation', () => {
    const value = Generator.fromSeed(7).normal();
    expect(Generator.fromSeed(7).normal(10, 2)).toBe(10 + 2 * value);
    expect(Generator.fromSeed(7).normal(10, 0)).toBe(10);
  });

  it('fillUniform() rounds its bounds to 32 bits', () => {
    const target = Generator.fromSeed(5).fillUniform(new Float32Array(4), { low: 0.7, high: 0.7 });
    expect([...target]).toEqual(Array(4).fill(Math.fround(0.7)));
  });

  it('fillNormal() gives what normal() gives number by number', () => {
    const generator = Generator.fromSeed(5);
    const expected = Float32Array.from({ length: 9 }, () => generator.normal(1, 3));
    const filled = Generator.fromSeed(5).fillNormal(new Float32Array(9), {
      mean: 1,
      standardDeviation: 3,
    });
    expect(filled).toEqual(expected);
  });
});
