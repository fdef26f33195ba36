import { readFileSync } from 'node:fs';
import { canonicalJson, type JsonValue } from '@pixelis/core';
import { AppendFile } from './append-file';
import { FIRST_PREVIOUS, hashEventLine } from './event';
import { brokenChainError, scanEvents } from './event-chain';

/** Options of {@link EventLog}. */
export interface EventLogOptions {
  /** Tells the time of an event. @default the system's clock */
  now?: () => Date;
}

/** The line of an event, without its newline. */
export function eventLine(
  event: { seq: number; time: Date; type: string; previous: string },
  data: Readonly<Record<string, JsonValue>>,
): string {
  return canonicalJson({ ...event, time: event.time.toISOString(), data });
}

/**
 * Writes `events.jsonl`, an audit trail that only grows: each line holds the SHA-256 of the whole line before it. A last
 * line that a kill tore is cut on opening; a chain that is broken elsewhere is refused.
 */
export class EventLog {
  readonly #file: AppendFile;
  readonly #now: () => Date;
  #head = FIRST_PREVIOUS;
  #count = 0;

  /** @throws {IntegrityError} `EVENT_CHAIN_BROKEN` if a whole line was tampered with. */
  constructor(path: string, options: EventLogOptions = {}) {
    this.#now = options.now ?? (() => new Date());
    this.#file = new AppendFile(path);
    try {
      this.#continueChain(path);
    } catch (error) {
      this.#file.close();
      throw error;
    }
  }

  /** Hash of the last line, 64 zeros before the first. */
  get head(): string {
    return this.#head;
  }

  /** Number of lines. */
  get count(): number {
    return this.#count;
  }

  /** Adds an event and hands it to the system at once. @throws {DataError} if it cannot; it is then not in the chain. */
  append(type: string, data: Readonly<Record<string, JsonValue>> = {}): void {
    const line = eventLine(
      { seq: this.#count + 1, time: this.#now(), type, previous: this.#head },
      data,
    );
    try {
      this.#file.append(`${line}\n`);
      this.#file.flush();
    } catch (error) {
      this.#file.dropPending();
      throw error;
    }
    this.#head = hashEventLine(line);
    this.#count += 1;
  }

  /** Returns when the events are on the disk itself. */
  sync(): void {
    this.#file.sync();
  }

  /** As {@link EventLog.sync}, without blocking. */
  async synced(): Promise<void> {
    await this.#file.synced();
  }

  close(): void {
    this.#file.close();
  }

  #continueChain(path: string): void {
    const bytes = readFileSync(path);
    const whole = bytes.subarray(0, bytes.lastIndexOf(0x0a) + 1);
    const { problem, head, count } = scanEvents(whole);
    if (problem !== null) throw brokenChainError(path, problem);
    this.#head = head;
    this.#count = count;
    const tornBytes = bytes.length - whole.length;
    if (tornBytes === 0) return;
    this.#file.truncate(whole.length);
    this.append('repaired', { cut_bytes: tornBytes });
  }
}
