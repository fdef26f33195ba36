import { readFileSync } from 'node:fs';
import { canonicalJson, IntegrityError } from '@pixelis/core';
import { requireText } from './check-argument';
import { FIRST_PREVIOUS, hashEventLine, type RunEvent, runEventSchema } from './event';
import { isJsonValue } from './json-object';

/** What else than the file itself is known of a chain: the manifest's `events`. */
export interface EventChainExpectation {
  /** Hash of the last line. Without it a change of the last line alone cannot be found. */
  head?: string;
  /** Number of lines. Without it a cut tail cannot be found. */
  count?: number;
}

/** The first fault of a chain. */
export interface EventChainProblem {
  /** Number of the line that is wrong, from 1; one past the end for a line that is missing. */
  line: number;
  reason: string;
}

/** What {@link verifyEventChain} found. */
export interface EventChainReport {
  isIntact: boolean;
  /** Number of whole lines. */
  count: number;
  /** Hash of the last whole line, 64 zeros if there is none. */
  head: string;
  problem: EventChainProblem | null;
}

/** The lines of a chain and what is wrong with them. */
export interface ScannedEvents extends EventChainReport {
  events: readonly RunEvent[];
  /** Bytes after the last newline: a line that was not written to its end. */
  tornBytes: number;
}

/**
 * Checks that no line of `events.jsonl` was changed, removed, added or moved, and, given what the manifest says of it,
 * that its tail was not cut.
 *
 * @throws The file system's error if the file cannot be read.
 */
export function verifyEventChain(
  path: string,
  expected: EventChainExpectation = {},
): EventChainReport {
  requireText(path, { action: 'verify an audit trail', name: 'path' });
  const { isIntact, count, head, problem } = scanEvents(readFileSync(path), expected);
  return { isIntact, count, head, problem };
}

/**
 * Reads an audit trail.
 *
 * @throws {IntegrityError} `EVENT_CHAIN_BROKEN` if it was tampered with; the message names the line.
 */
export function readEvents(
  path: string,
  expected: EventChainExpectation = {},
): readonly RunEvent[] {
  requireText(path, { action: 'read an audit trail', name: 'path' });
  const { events, problem } = scanEvents(readFileSync(path), expected);
  if (problem !== null) throw brokenChainError(path, problem);
  return events;
}

export function brokenChainError(path: string, problem: EventChainProblem): IntegrityError {
  return new IntegrityError(`${path}, line ${problem.line}: ${problem.reason}`, {
    code: 'EVENT_CHAIN_BROKEN',
    remedy: 'Take the file from a copy of the run that nobody changed; it cannot be made again.',
  });
}

export function scanEvents(bytes: Buffer, expected: EventChainExpectation = {}): ScannedEvents {
  const { lines, tornBytes } = splitLines(bytes);
  const hashes = lines.map(hashEventLine);
  const events: RunEvent[] = [];
  let problem: EventChainProblem | null = null;
  for (const [index, line] of lines.entries()) {
    const event = parseLine(line, index + 1);
    if ('reason' in event) {
      problem = event;
      break;
    }
    events.push(event);
  }
  const count = lines.length;
  const head = hashes.at(-1) ?? FIRST_PREVIOUS;
  problem =
    firstBrokenLink(events, hashes, problem === null ? expected.head : undefined) ??
    problem ??
    endProblem({ count, head, tornBytes }, expected);
  return { isIntact: problem === null, count, head, problem, events, tornBytes };
}

function splitLines(bytes: Buffer): { lines: Buffer[]; tornBytes: number } {
  const lines: Buffer[] = [];
  let start = 0;
  for (let end = bytes.indexOf(0x0a); end >= 0; end = bytes.indexOf(0x0a, start)) {
    lines.push(bytes.subarray(start, end));
    start = end + 1;
  }
  return { lines, tornBytes: bytes.length - start };
}

function parseLine(line: Buffer, seq: number): RunEvent | EventChainProblem {
  let event: RunEvent;
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(line);
    const value: unknown = JSON.parse(text);
    if (!isJsonValue(value)) throw new TypeError('Cannot read an event: it holds what JSON cannot');
    event = runEventSchema.parse(value);
    // zod leaves out a key `__proto__`, so what is compared is what was read.
    if (canonicalJson(value) !== text) return { line: seq, reason: 'it is not canonical JSON' };
  } catch {
    return { line: seq, reason: 'it is not an event' };
  }
  if (event.seq === seq) return event;
  return { line: seq, reason: `event ${event.seq} stands where event ${seq} belongs` };
}

/**
 * A line that was changed breaks the link from the line after it; if its own `previous` was changed too, also the link
 * to the line before. So a broken link blames the earlier line, unless the next link is broken as well.
 */
function firstBrokenLink(
  events: readonly RunEvent[],
  hashes: readonly string[],
  expectedHead: string | undefined,
): EventChainProblem | null {
  function isBroken(line: number): boolean {
    const held = events[line]?.previous ?? expectedHead;
    return held !== undefined && held !== (hashes[line - 1] ?? FIRST_PREVIOUS);
  }
  for (let line = 0; line < events.length; line++) {
    if (!isBroken(line)) continue;
    const isLaterLine = line === 0 || isBroken(line + 1);
    return isLaterLine
      ? { line: line + 1, reason: 'it does not hold the hash of the line before it' }
      : { line, reason: `its hash is not the one that line ${line + 1} holds` };
  }
  return null;
}

function endProblem(
  found: { count: number; head: string; tornBytes: number },
  expected: EventChainExpectation,
): EventChainProblem | null {
  const { count, head, tornBytes } = found;
  if (tornBytes > 0) return { line: count + 1, reason: 'it does not end in a newline' };
  if (expected.count !== undefined && count < expected.count)
    return { line: count + 1, reason: `missing: the chain had ${expected.count} lines` };
  if (expected.count !== undefined && count > expected.count)
    return { line: expected.count + 1, reason: `added: the chain had ${expected.count} lines` };
  if (expected.head !== undefined && head !== expected.head)
    return { line: Math.max(1, count), reason: 'its hash is not the head of the chain' };
  return null;
}
