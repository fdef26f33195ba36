import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { ifPresent } from '../runs/disk';
import { type Fact, parseFactLine } from './fact';

/** A fact, with the log that it stands in. */
export interface LoggedFact {
  readonly writer: string;
  readonly fact: Fact;
}

/** A line of a log that is not what its writer wrote. */
export interface LogProblem {
  readonly path: string;
  /** From 1. */
  readonly line: number;
  readonly message: string;
}

interface ReadLog {
  readonly sizeBytes: number;
  readonly facts: readonly LoggedFact[];
  readonly problems: readonly LogProblem[];
}

const LOG_FILE = /^([0-9a-f-]{36})\.jsonl$/;

/** Reads the logs of all writers; one that has not grown is not read again. */
export class FactReader {
  readonly #folder: string;
  #logs = new Map<string, ReadLog>();
  #merged: readonly LoggedFact[] | null = [];

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** All facts, by time, then writer, then number. Damaged lines are left out, see {@link FactReader.problems}. */
  facts(): readonly LoggedFact[] {
    this.#refresh();
    this.#merged ??= [...this.#logs.values()].flatMap(({ facts }) => facts).sort(byTime);
    return this.#merged;
  }

  /** What is damaged in the logs; a torn last line is not, since its writer was never told that it was kept. */
  problems(): LogProblem[] {
    this.#refresh();
    return [...this.#logs.values()].flatMap(({ problems }) => problems);
  }

  #refresh(): void {
    const logs = new Map<string, ReadLog>();
    let isChanged = false;
    for (const name of ifPresent(() => readdirSync(this.#folder)) ?? []) {
      const writer = LOG_FILE.exec(name)?.[1];
      if (writer === undefined) continue;
      const path = join(this.#folder, name);
      const known = this.#logs.get(name);
      const sizeBytes = ifPresent(() => statSync(path))?.size;
      if (sizeBytes === undefined) continue;
      if (known?.sizeBytes === sizeBytes) {
        logs.set(name, known);
        continue;
      }
      logs.set(name, readLog(path, writer));
      isChanged = true;
    }
    if (isChanged || logs.size !== this.#logs.size) this.#merged = null;
    this.#logs = logs;
  }
}

/** Reads a log. A last line without a newline is being written, or was torn when its writer died. */
function readLog(path: string, writer: string): ReadLog {
  const bytes = ifPresent(() => readFileSync(path)) ?? Buffer.alloc(0);
  const facts: LoggedFact[] = [];
  const problems: LogProblem[] = [];
  const lines = bytes.toString('utf8').split('\n').slice(0, -1);
  let expected = 1;
  for (const [index, line] of lines.entries()) {
    const fact = parseFactLine(line);
    const place = { path, line: index + 1 };
    if (fact === null) {
      problems.push({ ...place, message: 'does not match its checksum' });
      expected += 1;
      continue;
    }
    if (fact.seq !== expected) {
      problems.push({ ...place, message: `holds record ${fact.seq} where ${expected} belongs` });
    }
    expected = fact.seq + 1;
    facts.push({ writer, fact });
  }
  return { sizeBytes: bytes.length, facts, problems };
}

function byTime(a: LoggedFact, b: LoggedFact): number {
  if (a.fact.time !== b.fact.time) return a.fact.time < b.fact.time ? -1 : 1;
  if (a.writer !== b.writer) return a.writer < b.writer ? -1 : 1;
  return a.fact.seq - b.fact.seq;
}
