import fc from 'fast-check';
import { ulpsBetween } from '../../test/float-bits';
import * as math from '.';

const finite = fc.double({ noNaN: true, noDefaultInfinity: true });
const positive = fc.double({ min: Number.MIN_VALUE, noNaN: true, noDefaultInfinity: true });

describe('math', () => {
  it.each([
    ['sin', math.sin],
    ['tanh', math.tanh],
    ['erf', math.erf],
  ] as const)('%s is odd and never leaves [-1, 1]', (_, f) => {
    fc.assert(
      fc.property(finite, (x) => {
        expect(f(-x)).toBe(-f(x));
        expect(Math.abs(f(x))).toBeLessThanOrEqual(1);
      }),
    );
  });

  it('cos is even and never leaves [-1, 1]', () => {
    fc.assert(
      fc.property(finite, (x) => {
        expect(math.cos(-x)).toBe(math.cos(x));
        expect(Math.abs(math.cos(x))).toBeLessThanOrEqual(1);
      }),
    );
  });

  it.each([
    ['exp', math.exp, fc.double({ min: -750, max: 720, noNaN: true }), 1e-12],
    ['log', math.log, positive, 1e-12],
    ['tanh', math.tanh, fc.double({ min: -25, max: 25, noNaN: true }), 1e-12],
    ['erf', math.erf, fc.double({ min: -7, max: 7, noNaN: true }), 1e-12],
  ] as const)('%s never falls where its argument rises', (_, f, argument, step) => {
    fc.assert(
      fc.property(argument, argument, (a, b) => {
        expect(f(Math.min(a, b))).toBeLessThanOrEqual(f(Math.max(a, b)));
      }),
    );
    fc.assert(
      fc.property(argument, (a) => {
        expect(f(a)).toBeLessThanOrEqual(f(a + Math.abs(a) * step));
      }),
    );
  });

  it('sin and cos lie on the unit circle', () => {
    fc.assert(
      fc.property(finite, (x) => {
        const radius = math.sin(x) * math.sin(x) + math.cos(x) * math.cos(x);
        expect(Math.abs(radius - 1)).toBeLessThan(6e-16);
      }),
    );
  });

  it('log undoes exp', () => {
    fc.assert(
      fc.property(fc.double({ min: -700, max: 700, noNaN: true }), (x) => {
        const absoluteError = Math.abs(math.log(math.exp(x)) - x);
        expect(absoluteError).toBeLessThanOrEqual(2.3e-16 * Math.max(1, Math.abs(x)));
      }),
    );
  });

  it('pow takes whole numbers that fit to their exact powers', () => {
    fc.assert(
      fc.property(fc.integer({ min: -40, max: 40 }), fc.integer({ min: 1, max: 9 }), (x, y) => {
        let product = 1;
        for (let i = 0; i < y; i += 1) product *= x;
        fc.pre(Math.abs(product) <= Number.MAX_SAFE_INTEGER);
        expect(ulpsBetween(math.pow(x, y), product)).toBeLessThanOrEqual(1);
      }),
    );
  });

  it('pow with exponent one half is the square root', () => {
    fc.assert(
      fc.property(positive, (x) => {
        expect(ulpsBetween(math.pow(x, 0.5), Math.sqrt(x))).toBeLessThanOrEqual(1);
      }),
    );
  });
});
