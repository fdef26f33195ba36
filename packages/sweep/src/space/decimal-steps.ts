/** What {@link DecimalSteps} are made of. */
export interface DecimalStepsOptions {
  readonly low: number;
  /** No number is above it. */
  readonly high: number;
  readonly step: number;
}

/**
 * The numbers low, low + step, … up to high, as a person would write them: 0.1 and two steps of 0.1 are 0.3, not
 * 0.30000000000000004. The numbers are taken as the decimals that print them, and counted in integers.
 */
export class DecimalSteps {
  /** How many numbers there are, at least one. */
  readonly count: number;
  readonly #low: bigint;
  readonly #step: bigint;
  readonly #exponent: number;

  /** @throws {RangeError} If a number is not finite, `step` is not above 0, or `high` lies below `low`. */
  constructor({ low, high, step }: DecimalStepsOptions) {
    if (!Number.isFinite(high - low) || !(step > 0 && step < Infinity) || high < low) {
      throw new RangeError(
        `Cannot step: low <= high and step > 0 must be finite: current values are ${low}, ${high} and ${step}`,
      );
    }
    const [first, last, distance] = [decimalOf(low), decimalOf(high), decimalOf(step)];
    this.#exponent = Math.min(first.exponent, last.exponent, distance.exponent);
    this.#low = digitsAt(first, this.#exponent);
    this.#step = digitsAt(distance, this.#exponent);
    this.count = Number((digitsAt(last, this.#exponent) - this.#low) / this.#step) + 1;
  }

  /** Number `index`, counted from 0. */
  at(index: number): number {
    return Number(`${this.#low + BigInt(index) * this.#step}e${this.#exponent}`);
  }
}

/** digits · 10^exponent */
interface Decimal {
  readonly digits: bigint;
  readonly exponent: number;
}

/** The shortest decimal that is read back as `value`. */
function decimalOf(value: number): Decimal {
  const [mantissa = '0', exponent = '0'] = value.toExponential().split('e');
  const [whole = '0', fraction = ''] = mantissa.split('.');
  return { digits: BigInt(whole + fraction), exponent: Number(exponent) - fraction.length };
}

function digitsAt({ digits, exponent }: Decimal, target: number): bigint {
  return digits * 10n ** BigInt(exponent - target);
}
