import type { SweepParameter } from '@pixelis/config';
import { canonicalJson, type JsonValue, math } from '@pixelis/core';
import { choicesOf } from './choices';
import { shortNumber, shortValue } from './short-text';

/** A mark on an axis. */
export interface Tick {
  /** From 0, below, to 1, above. */
  readonly position: number;
  readonly text: string;
}

/** An axis of a chart: where values stand, and which are marked. */
export interface Axis {
  readonly isLog: boolean;
  readonly ticks: readonly Tick[];
  /** From 0, below, to 1, above; undefined for what has no place. */
  readonly positionOf: (value: JsonValue | undefined) => number | undefined;
}

/** Ticks closer than this share of the axis would write over each other. */
const TICK_DISTANCE_MIN = 0.045;

/** The axis of a parameter: linear or logarithmic as it was searched, or a place for each choice. */
export function parameterAxis(parameter: SweepParameter, observed: readonly JsonValue[]): Axis {
  if ('values' in parameter) return choiceAxis(choicesOf(parameter, observed));
  const isLog = parameter.distribution.startsWith('log');
  return numberAxis([parameter.low, parameter.high, ...observed.filter(isNumber)], { isLog });
}

/** The axis of the metric: logarithmic where its values lie more than two powers of ten apart. */
export function metricAxis(values: readonly number[]): Axis {
  const { low, high } = boundsOf(values);
  return numberAxis(values, { isLog: low > 0 && high / low > 100 });
}

function numberAxis(values: readonly number[], wanted: { readonly isLog: boolean }): Axis {
  const { low, high } = boundsOf(values);
  const isLog = wanted.isLog && low > 0;
  const positionOf = (value: JsonValue | undefined) => {
    if (!isNumber(value) || (isLog && value <= 0)) return undefined;
    return isLog
      ? shareBetween(math.log(low), math.log(high), math.log(value))
      : shareBetween(low, high, value);
  };
  const inner = isLog ? decades(low, high) : roundSteps(low, high);
  return { isLog, positionOf, ticks: numberTicks([low, high], { inner, positionOf }) };
}

function choiceAxis(values: readonly JsonValue[]): Axis {
  const unique = values.map((value) => [canonicalJson(value), value] as const);
  if (unique.every(([, value]) => typeof value === 'number')) {
    unique.sort(([, a], [, b]) => Number(a) - Number(b));
  }
  const places = new Map(
    unique.map(([text], index) => [text, unique.length === 1 ? 0.5 : index / (unique.length - 1)]),
  );
  const positionOf = (value: JsonValue | undefined) =>
    value === undefined ? undefined : places.get(canonicalJson(value));
  const ticks = unique.map(([text, value]) => ({
    position: places.get(text) ?? 0,
    text: shortValue(value),
  }));
  return { isLog: false, positionOf, ticks: thinned(ticks) };
}

/** The bounds, and what is between them as far as there is room. */
function numberTicks(
  [low, high]: readonly [number, number],
  {
    inner,
    positionOf,
  }: { readonly inner: readonly number[]; readonly positionOf: Axis['positionOf'] },
): Tick[] {
  const [bottom, top] = [positionOf(low) ?? 0, positionOf(high) ?? 1];
  const kept = inner.filter((value) => {
    const position = positionOf(value) ?? 0;
    return position - bottom > TICK_DISTANCE_MIN && top - position > TICK_DISTANCE_MIN;
  });
  const values = low === high ? [low] : [low, ...kept, high];
  const texts = distinctTexts(values);
  return thinned(
    values.map((value, index) => ({ position: positionOf(value) ?? 0, text: texts[index] ?? '' })),
  );
}

/** As short as they can be and still be told apart. */
function distinctTexts(values: readonly number[]): string[] {
  const short = values.map(shortNumber);
  for (let digits = 5; digits <= 17 && new Set(short).size < values.length; digits += 1) {
    values.forEach((value, index) => (short[index] = String(Number(value.toPrecision(digits)))));
  }
  return short;
}

/** Every n-th, so that none is nearer to the next than can be read. */
function thinned(ticks: readonly Tick[]): Tick[] {
  const [first, second] = ticks;
  if (first === undefined || second === undefined) return [...ticks];
  const gaps = ticks.slice(1).map(({ position }, at) => position - (ticks[at]?.position ?? 0));
  const smallest = gaps.reduce((least, gap) => Math.min(least, gap), 1);
  const stride = Math.max(1, Math.ceil(TICK_DISTANCE_MIN / Math.max(smallest, 1e-6)));
  return ticks.filter((_, index) => index % stride === 0);
}

/** Multiples of 1, 2 or 5 times a power of ten, about four to an axis. */
function roundSteps(low: number, high: number): number[] {
  const [digits = 1, exponent = 0] = ((high - low) / 4).toExponential().split('e').map(Number);
  const step = Number(`${digits < 1.5 ? 1 : digits < 3.5 ? 2 : digits < 7.5 ? 5 : 10}e${exponent}`);
  if (!(step > 0 && step < Infinity)) return [];
  const first = Math.ceil(low / step);
  return Array.from({ length: 12 }, (_, index) => (first + index) * step).filter(
    (value) => value > low && value < high,
  );
}

/** Powers of ten, with 2 and 5 times them where they are few. */
function decades(low: number, high: number): number[] {
  const exponentOf = (value: number) => Number(value.toExponential().split('e')[1]);
  const [from, to] = [exponentOf(low), exponentOf(high)];
  const stride = Math.ceil((to - from + 1) / 8);
  const factors = to - from < 2 ? [1, 2, 5] : [1];
  const values: number[] = [];
  for (let exponent = from; exponent <= to; exponent += stride) {
    values.push(...factors.map((factor) => Number(`${factor}e${exponent}`)));
  }
  return values.filter((value) => value > low && value < high);
}

/** Where a value stands between two others; halves, so that no difference overflows. */
function shareBetween(low: number, high: number, value: number): number {
  const span = high / 2 - low / 2;
  return span > 0 ? (value / 2 - low / 2) / span : 0.5;
}

function boundsOf(values: readonly number[]): { low: number; high: number } {
  const [first = 0] = values;
  return {
    low: values.reduce((least, value) => Math.min(least, value), first),
    high: values.reduce((greatest, value) => Math.max(greatest, value), first),
  };
}

function isNumber(value: JsonValue | undefined): value is number {
  return typeof value === 'number' && Number.isFinite(value);
}
