import { type ChainLine, parseChainLine } from '@pixelis/artifacts';
import { IntegrityError, PART_DIGITS } from '@pixelis/core';
import type { ByteSource } from './byte-source';
import { LineReader } from './line-reader';

/** What a line of a chain has digests of, in the order in which one follows from the other. */
export const CHAIN_PARTS = ['batch', 'loss', 'gradients', 'weights'] as const;
export type ChainPart = (typeof CHAIN_PARTS)[number];

/** Where two chains part. */
export interface ChainDifference {
  /** The first step whose line differs, or which only one chain has. */
  readonly step: number;
  /** The step of the last line that both share; null if they differ from the beginning. */
  readonly sharedStep: number | null;
  /** What differs in that line; empty if one chain ends before it, or both have lines of other steps. */
  readonly parts: readonly ChainPart[];
  /** The chain that ends there; null if both go on. */
  readonly ended: 'a' | 'b' | null;
  /** Places, in the order of the parameters' names, of the tensors whose gradients or weights differ. */
  readonly gradientTensors: readonly number[];
  readonly weightTensors: readonly number[];
  readonly lines: readonly [ChainLine | null, ChainLine | null];
}

/**
 * Where two chains of training part, found in logarithmic time: each line's `chain` stands for all lines before it, so that
 * equal lines at one place mean equal beginnings. Both chains must be intact (`verifyChain`), as a line that was changed
 * without its `chain` is found only by chance. Of a last line that was not written to its end nothing is read.
 *
 * @returns null if the chains are equal.
 * @throws {IntegrityError} `CHAIN_BROKEN` if a line that had to be read is none.
 */
export function firstDifference(a: ByteSource, b: ByteSource): ChainDifference | null {
  const readers = [new LineReader(a), new LineReader(b)] as const;
  const place = firstDifferingLine(...readers);
  const [lineA, lineB] = readers.map((reader) => parse(reader.lineAt(place)?.text));
  if (!lineA && !lineB) return null;
  const shared = parse(readers[0].lineBefore(place)?.text);
  return differenceOf([lineA ?? null, lineB ?? null], shared?.step ?? null);
}

/**
 * The place of the first line that differs. All before `low` is equal; the line searched for begins at one of `low` to
 * `high`, and if not at `high`, before `probeEnd`.
 */
function firstDifferingLine(a: LineReader, b: LineReader): number {
  let low = 0;
  let high = Math.min(a.sizeBytes, b.sizeBytes);
  let probeEnd = high;
  while (low < probeEnd) {
    const middle = Math.floor((low + probeEnd) / 2);
    const start = middle === low ? low : a.startAtOrAfter(middle);
    if (start >= probeEnd) {
      probeEnd = middle;
      continue;
    }
    const line = a.lineAt(start);
    if (line !== undefined && line.text === b.lineAt(start)?.text) low = line.end;
    else high = probeEnd = start;
  }
  return Math.max(low, high);
}

function parse(text: string | undefined): ChainLine | undefined {
  if (text === undefined) return undefined;
  const line = parseChainLine(text.slice(0, -1));
  if (line !== null) return line;
  throw new IntegrityError(`A line of a chain is damaged: ${text.slice(0, 60).trimEnd()}`, {
    code: 'CHAIN_BROKEN',
    remedy: 'restore chain.jsonl from a copy; pixelis runs audit tells which run is damaged',
  });
}

function differenceOf(
  lines: readonly [ChainLine | null, ChainLine | null],
  sharedStep: number | null,
): ChainDifference {
  const [a, b] = lines;
  const steps = lines.flatMap((line) => line?.step ?? []);
  const common = { step: Math.min(...steps), sharedStep, lines };
  if (a === null || b === null || a.step !== b.step)
    return {
      ...common,
      parts: [],
      ended: a === null ? 'a' : b === null ? 'b' : null,
      gradientTensors: [],
      weightTensors: [],
    };
  return {
    ...common,
    parts: CHAIN_PARTS.filter((part) => a[part] !== b[part]),
    ended: null,
    gradientTensors: differingTensors(a.gradient_tensors, b.gradient_tensors),
    weightTensors: differingTensors(a.weight_tensors, b.weight_tensors),
  };
}

/** Places at which two rows of short digests differ. */
function differingTensors(a = '', b = ''): number[] {
  const count = Math.max(a.length, b.length) / PART_DIGITS;
  return Array.from({ length: count }, (_, index) => index).filter((index) => {
    const [from, to] = [index * PART_DIGITS, (index + 1) * PART_DIGITS];
    return a.slice(from, to) !== b.slice(from, to);
  });
}
