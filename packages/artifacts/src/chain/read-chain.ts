import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { IntegrityError } from '@pixelis/core';
import { requireText } from '../runs/check-argument';
import { ifPresent, onDisk } from '../runs/disk';
import { CHAIN_FILE, type ChainLine, FIRST_CHAIN, isLinked, parseChainLine } from './chain-line';

/** The first fault of a chain. */
export interface ChainProblem {
  /** Number of the line that is wrong, from 1. */
  line: number;
  reason: string;
}

/** What {@link verifyChain} found. */
export interface ChainReport {
  isIntact: boolean;
  /** Number of lines before the first fault. */
  count: number;
  /** `chain` of the last of them, 64 zeros if there is none. */
  head: string;
  problem: ChainProblem | null;
}

/** The lines of a chain up to its first fault. */
export interface ScannedChain extends ChainReport {
  lines: readonly ChainLine[];
}

/**
 * Checks that no line of a run's `chain.jsonl` was changed, added, moved or taken out of its midst. A tail that was cut
 * is for the manifest to tell; a torn last line, as a kill leaves it, is passed over. A run without the file has an empty chain.
 *
 * @throws {DataError} If the file cannot be read.
 */
export function verifyChain(runDirectory: string): ChainReport {
  requireText(runDirectory, { action: 'verify a chain', name: 'runDirectory' });
  const { isIntact, count, head, problem } = scanChain(readChainFile(runDirectory));
  return { isIntact, count, head, problem };
}

/**
 * The digests that a run has recorded of its training so far, in order; none if it keeps no chain. A run that is still
 * held must be flushed before.
 *
 * @throws {IntegrityError} `CHAIN_BROKEN` if a line was tampered with; the message names it.
 * @throws {DataError} If the file cannot be read.
 */
export function readChain(runDirectory: string): readonly ChainLine[] {
  requireText(runDirectory, { action: 'read a chain', name: 'runDirectory' });
  const { lines, problem } = scanChain(readChainFile(runDirectory));
  if (problem === null) return lines;
  const path = join(runDirectory, CHAIN_FILE);
  throw new IntegrityError(`${path}, line ${problem.line}: ${problem.reason}`, {
    code: 'CHAIN_BROKEN',
    remedy: 'restore the file from a copy, or train again with --new',
  });
}

/** The `chain` of the last line of step `step` or before: what all of the training up to it comes to. 64 zeros if there is none. */
export function chainHeadAt(lines: readonly ChainLine[], step: number): string {
  return lines.findLast((line) => line.step <= step)?.chain ?? FIRST_CHAIN;
}

/** The lines of a chain file and its first fault; text after the last newline is passed over. */
export function scanChain(text: string): ScannedChain {
  const lines: ChainLine[] = [];
  let problem: ChainProblem | null = null;
  for (const content of text.split('\n').slice(0, -1)) {
    const line = parseChainLine(content);
    const reason = line === null ? 'it is no line of a chain' : faultOf(line, lines.at(-1));
    if (reason !== null) problem = { line: lines.length + 1, reason };
    if (line === null || problem !== null) break;
    lines.push(line);
  }
  const head = lines.at(-1)?.chain ?? FIRST_CHAIN;
  return { isIntact: problem === null, count: lines.length, head, problem, lines };
}
function faultOf(line: ChainLine, previous: ChainLine | undefined): string | null {
  if (!isLinked(line, previous?.chain ?? FIRST_CHAIN))
    return 'its chain does not follow from the line before and its own content';
  if (previous === undefined)
    return line.step === 0 ? null : `step ${line.step} stands where step 0 belongs`;
  return line.step > previous.step ? null : `step ${line.step} stands after step ${previous.step}`;
}

function readChainFile(runDirectory: string): string {
  const path = join(runDirectory, CHAIN_FILE);
  return onDisk(path, () => ifPresent(() => readFileSync(path, 'utf8'))) ?? '';
}
