import { relativeError } from '../support/tensors';
import type { Tolerances } from './tolerances';

/** What was computed, and what should have been. */
export interface Comparison {
  readonly name: string;
  readonly actual: ArrayLike<number>;
  readonly expected: ArrayLike<number>;
}

/** Compares within tolerances, and remembers the largest error of each kind. */
export class ConformanceErrors {
  private readonly largest = new Map<keyof Tolerances, { error: number; name: string }>();

  constructor(private readonly tolerances: Tolerances) {}

  /** Fails the test if an entry is too far off, or is not a number. */
  expectWithin(kind: keyof Tolerances, { name, actual, expected }: Comparison): void {
    const error = relativeError(actual, expected);
    if (!(error <= (this.largest.get(kind)?.error ?? -1))) this.largest.set(kind, { error, name });
    const tolerance = this.tolerances[kind];
    expect({ name, error, isWithin: error <= tolerance }).toEqual({ name, error, isWithin: true });
  }

  /** The largest errors in a few lines. */
  summary(): string {
    return [...this.largest]
      .map(([kind, { error, name }]) => {
        const tolerance = this.tolerances[kind].toExponential(0);
        return `${kind.padEnd(16)} ${error.toExponential(1)} of ${tolerance}: ${name}`;
      })
      .join('\n');
  }
}
