import * as fc from 'fast-check';

import { Generator } from './generator';

const seeds = fc.maxSafeNat();
const names = fc.array(fc.string({ unit: 'grapheme' }), { maxLength: 3 });

type Draw = (generator: Generator) => unknown;

const draws: fc.Arbitrary<Draw> = fc.oneof(
  fc.constant<Draw>((g) => g.uint32()),
  fc.constant<Draw>((g) => g.uniform()),
  fc.constant<Draw>((g) => g.normal(1, 2)),
  fc.constant<Draw>((g) => g.fillUniform(new Float32Array(3), { low: -1 })),
  fc.constant<Draw>((g) => g.fillNormal(new Float32Array(3))),
  fc.constant<Draw>((g) => g.choice('abcde'.split(''))),
  fc.nat(20).map<Draw>((size) => (g) => g.permutation(size)),
  fc.integer({ min: 1, max: 2 ** 53 - 1 }).map<Draw>((span) => (g) => g.integer(0, span)),
);
const programs = fc.array(draws, { maxLength: 12 });

function run(program: readonly Draw[], generator: Generator): unknown[] {
  return program.map((draw) => draw(generator));
}

function open(seed: number, path: readonly string[]): Generator {
  return path.reduce((generator, name) => generator.fork(name), Generator.fromSeed(seed));
}

describe('Generator', () => {
  it('equal seed and names give equal streams (H6)', () => {
    fc.assert(
      fc.property(seeds, names, programs, (seed, path, program) => {
        expect(run(program, open(seed, path))).toEqual(run(program, open(seed, path)));
      }),
    );
  });

  it('streams do not depend on the order of calls (H6)', () => {
    fc.assert(
      fc.property(seeds, programs, programs, fc.string(), (seed, before, program, name) => {
        const untouched = run(program, Generator.fromSeed(seed).fork(name));
        const root = Generator.fromSeed(seed);
        run(before, root);
        const early = root.fork(name);
        run(before, root.fork('another'));
        run(before, root);
        const late = root.fork(name);
        expect(run(program, early)).toEqual(untouched);
        expect(run(program, late)).toEqual(untouched);
      }),
    );
  });

  it('drawing from a fork does not move its parent (H6)', () => {
    fc.assert(
      fc.property(seeds, programs, fc.string(), (seed, program, name) => {
        const root = Generator.fromSeed(seed);
        run(program, root.fork(name));
        expect(root.state()).toEqual(Generator.fromSeed(seed).state());
      }),
    );
  });

  it('saving and restoring anywhere changes nothing (H6)', () => {
    fc.assert(
      fc.property(seeds, names, programs, programs, (seed, path, first, second) => {
        const whole = open(seed, path);
        const expected = [run(first, whole), run(second, whole)];
        const part = open(seed, path);
        const head = run(first, part);
        const saved: unknown = JSON.parse(JSON.stringify(part.state()));
        const resumed = Generator.fromState(saved);
        expect([head, run(second, resumed)]).toEqual(expected);
        expect(resumed.state()).toEqual(whole.state());
        expect(Generator.fromState(saved).fork('a').state()).toEqual(whole.fork('a').state());
      }),
    );
  });

  it('integer() stays within its bounds for every span', () => {
    const bound = fc.integer({ min: -(2 ** 53), max: 2 ** 53 });
    fc.assert(
      fc.property(seeds, bound, bound, (seed, a, b) => {
        const [low, high] = a < b ? [a, b] : [b, a + 1];
        fc.pre(low < high && high - low <= 2 ** 53);
        const value = Generator.fromSeed(seed).integer(low, high);
        expect(Number.isInteger(value)).toBe(true);
        expect(value).toBeGreaterThanOrEqual(low);
        expect(value).toBeLessThan(high);
      }),
    );
  });

  it('uniform() and fillUniform() stay within their bounds', () => {
    const bound = fc.double({ noNaN: true, min: -1e300, max: 1e300 });
    const single = fc.float({
      noNaN: true,
      noDefaultInfinity: true,
      min: -(2 ** 100),
      max: 2 ** 100,
    });
    fc.assert(
      fc.property(seeds, bound, bound, single, single, (seed, a, b, c, d) => {
        const [low, high] = a < b ? [a, b] : [b, a];
        const value = Generator.fromSeed(seed).uniform(low, high);
        expect(value >= low && (value < high || low === high)).toBe(true);
        const [first, last] = c < d ? [c, d] : [d, c];
        const filled = Generator.fromSeed(seed).fillUniform(new Float32Array(8), {
          low: first,
          high: last,
        });
        expect(filled.every((item) => item >= first && (item < last || first === last))).toBe(true);
      }),
    );
  });

  it('permutation() holds every index once', () => {
    fc.assert(
      fc.property(seeds, fc.nat(300), (seed, size) => {
        const order = Generator.fromSeed(seed).permutation(size);
        expect([...order].sort((a, b) => a - b)).toEqual(Array.from({ length: size }, (_, i) => i));
      }),
    );
  });

  it('choice() gives one of the items', () => {
    fc.assert(
      fc.property(seeds, fc.array(fc.integer(), { minLength: 1 }), (seed, items) => {
        expect(items).toContain(Generator.fromSeed(seed).choice(items));
      }),
    );
  });
});
