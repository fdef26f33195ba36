import { type FileHandle, open } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { explainSystemError } from '@pixelis/core';
import { uuidV7 } from '../runs/uuid-v7';
import { flushNames, makeDurableFolder } from './durable-folder';
import { type Fact, type FactBody, factLine } from './fact';

interface Waiting {
  readonly body: FactBody;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/**
 * The log of one process, `<folder>/<writer>.jsonl`, which nobody else writes to. It is created with its first fact.
 * Facts that come while others are being written go to the disk together.
 */
export class FactLog {
  readonly writer: string;
  readonly #path: string;
  readonly #now: () => Date;
  #waiting: Waiting[] = [];
  #writing: Promise<void> | null = null;
  #sizeBytes = 0;
  #seq = 0;
  #lastTime = '';

  constructor(folder: string, now: () => Date) {
    this.writer = uuidV7();
    this.#path = join(folder, `${this.writer}.jsonl`);
    this.#now = now;
  }

  /** Resolves when the fact is on the disk itself. @throws {DataError} if it cannot be written; it is then not in the log. */
  append(body: FactBody): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ body, resolve, reject });
      this.#writing ??= this.#writeAll();
    });
  }

  /** Resolves when every fact that was appended before is on the disk, or its own promise has rejected. */
  async flush(): Promise<void> {
    await this.#writing;
  }

  async #writeAll(): Promise<void> {
    // What is appended in the same turn joins.
    await Promise.resolve();
    while (this.#waiting.length > 0) {
      const batch = this.#waiting;
      this.#waiting = [];
      await this.#writeBatch(batch).then(
        () => batch.forEach(({ resolve }) => resolve()),
        (error: unknown) => batch.forEach(({ reject }) => reject(error)),
      );
    }
    this.#writing = null;
  }

  async #writeBatch(batch: readonly Waiting[]): Promise<void> {
    const facts = batch.map(({ body }, index) => this.#stamp(body, this.#seq + index + 1));
    const bytes = Buffer.from(facts.map(factLine).join(''), 'utf8');
    try {
      await this.#writeDurably(bytes);
    } catch (error) {
      throw explainSystemError(error, { action: 'write', path: this.#path }) ?? error;
    }
    this.#sizeBytes += bytes.length;
    this.#seq += batch.length;
  }

  /** Times never go back within a log, whatever the clock does, so that merging keeps its order. */
  #stamp(body: FactBody, seq: number): Fact {
    const time = this.#now().toISOString();
    if (time > this.#lastTime) this.#lastTime = time;
    return { ...body, seq, time: this.#lastTime };
  }

  async #writeDurably(bytes: Buffer): Promise<void> {
    const isFirst = this.#sizeBytes === 0;
    if (isFirst) await makeDurableFolder(dirname(this.#path));
    const file = await open(this.#path, isFirst ? 'w' : 'r+');
    try {
      await this.#writeAt(file, bytes).catch(async (error: unknown) => {
        // A torn end would be read as damage once more lines stand behind it; the next write begins here again.
        await file.truncate(this.#sizeBytes).catch(() => undefined);
        throw error;
      });
    } finally {
      await file.close();
    }
    if (isFirst) await flushNames(dirname(this.#path));
  }

  async #writeAt(file: FileHandle, bytes: Buffer): Promise<void> {
    for (let done = 0; done < bytes.length;) {
      const { bytesWritten } = await file.write(
        bytes,
        done,
        bytes.length - done,
        this.#sizeBytes + done,
      );
      done += bytesWritten;
    }
    await file.sync();
  }
}
