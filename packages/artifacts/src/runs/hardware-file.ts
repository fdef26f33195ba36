import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { canonicalJson, redactJson } from '@pixelis/core';
import { AppendFile, type AppendFileOptions } from './append-file';
import { requireRecord } from './check-argument';

/** The file of a run that holds samples of the machine's load. */
export const HARDWARE_FILE = 'hardware.jsonl';

/** Options of {@link HardwareFile}. */
export interface HardwareFileOptions extends AppendFileOptions {
  /** When the run was created: samples are counted from then. */
  createdAt: Date;
  /** Tells the time of a sample. */
  now: () => Date;
}

/**
 * Writes `hardware.jsonl`. It is made by the first sample, and a resumption goes on at its end: what the machine did is
 * true of work too that is done again.
 */
export class HardwareFile {
  readonly #path: string;
  readonly #options: HardwareFileOptions;
  #file: AppendFile | null = null;

  /** Cuts a last line that a kill tore. */
  constructor(directory: string, options: HardwareFileOptions) {
    this.#path = join(directory, HARDWARE_FILE);
    this.#options = options;
    if (existsSync(this.#path)) this.#open().cutTornLine();
  }

  /** Adds `{…values, "time_s": seconds since the run was created}` in canonical JSON. */
  add(values: Readonly<Record<string, number>>): void {
    requireRecord(values, { action: 'record hardware', name: 'values' });
    for (const [key, value] of Object.entries(values)) {
      const what = `Cannot record hardware ${JSON.stringify(key)}`;
      if (key === 'time_s') throw new RangeError(`${what}: the key is taken by the time itself`);
      if (!Number.isFinite(value))
        throw new RangeError(`${what}: value must be finite: current value is ${value}`);
    }
    const { now, createdAt } = this.#options;
    const time_s = Math.max(0, now().getTime() - createdAt.getTime()) / 1000;
    this.#open().append(`${canonicalJson(redactJson({ ...values, time_s }))}\n`);
  }

  /** Hands what waits to the system. */
  flush(): void {
    this.#file?.flush();
  }

  /** Returns when what was recorded is on the disk itself. */
  sync(): void {
    this.#file?.sync();
  }

  /** As {@link HardwareFile.sync}, without blocking. */
  async synced(): Promise<void> {
    await this.#file?.synced();
  }

  close(): void {
    this.#file?.close();
  }

  #open(): AppendFile {
    this.#file ??= new AppendFile(this.#path, this.#options);
    return this.#file;
  }
}
