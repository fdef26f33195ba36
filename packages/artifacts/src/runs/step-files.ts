import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  canonicalJson,
  type FilePosition,
  IntegrityError,
  sha256,
  type StepDigests,
} from '@pixelis/core';
import { z } from 'zod';
import { CHAIN_FILE, chainLine, FIRST_CHAIN } from '../chain/chain-line';
import { scanChain } from '../chain/read-chain';
import { AppendFile, type AppendFileOptions } from './append-file';
import { argumentError, isRecord } from './check-argument';
import { csvRecord } from './csv';
import { sha256Schema } from './event';
import { stepFileDamage } from './step-file-damage';

/** The files that grow with the steps of a run, and can be cut back. */
export const STEP_FILES = ['metrics.jsonl', 'timings.jsonl', 'epochs.csv', CHAIN_FILE] as const;
type StepFile = (typeof STEP_FILES)[number];

const positionSchema = z.strictObject({ bytes: z.int().min(0), sha256: sha256Schema });

/** The offsets of a run that has not recorded a step: what a run that is resumed without a checkpoint rewinds to. */
export const START_OFFSETS: Readonly<Record<StepFile, FilePosition>> = forEachFile(() =>
  Object.freeze({ bytes: 0, sha256: sha256('') }),
);

/** Options of {@link StepFiles}. */
export interface StepFilesOptions extends AppendFileOptions {
  /** Whether nothing may be recorded before {@link StepFiles.rewind} has said where the run stands. */
  isRewindNeeded: boolean;
}

/** Writes the files that grow with the steps of a run. Each call adds a whole line or, if it throws, none. */
export class StepFiles {
  readonly #files: Readonly<Record<StepFile, AppendFile>>;
  #isRewindNeeded: boolean;
  #epochsHeader: string | null = null;
  #chainHead = FIRST_CHAIN;

  constructor(directory: string, options: StepFilesOptions) {
    this.#isRewindNeeded = options.isRewindNeeded;
    this.#files = forEachFile((name) => new AppendFile(join(directory, name), options));
  }

  /** Adds `{"step": step, …values}` in canonical JSON to `metrics.jsonl` or `timings.jsonl`. */
  addStep(file: 'metrics.jsonl' | 'timings.jsonl', step: number, values: Row): void {
    this.#requirePosition();
    requireRow(values, { counter: 'step', count: step });
    this.#files[file].append(`${canonicalJson({ ...values, step })}\n`);
  }

  /** Adds a row to `epochs.csv`; the first row's keys make the header. */
  addEpoch(epoch: number, values: Row): void {
    this.#requirePosition();
    requireRow(values, { counter: 'epoch', count: epoch });
    const header = csvRecord(['epoch', ...Object.keys(values)]);
    const row = csvRecord([epoch, ...Object.values(values)].map(String));
    if (this.#epochsHeader !== null && header !== this.#epochsHeader) {
      throw new RangeError(
        `Cannot record epoch ${epoch}: its keys must be those of the first row, ${this.#epochsHeader.trim()}: current keys are ${header.trim()}`,
      );
    }
    this.#files['epochs.csv'].append(this.#epochsHeader === null ? header + row : row);
    this.#epochsHeader = header;
  }

  /** Adds digests of a step to `chain.jsonl`, linked to the line before. */
  addDigests(step: number, digests: StepDigests): void {
    this.#requirePosition();
    const line = chainLine(this.#chainHead, { step, digests });
    this.#files[CHAIN_FILE].append(`${line.text}\n`);
    this.#chainHead = line.chain;
  }

  /** How far the files have got, once all of their bytes are on the disk itself. */
  offsets(): Record<StepFile, FilePosition> {
    this.#requirePosition();
    return forEachFile((name) => this.#files[name].position());
  }

  /**
   * Cuts the files back to what {@link StepFiles.offsets} once gave.
   *
   * @throws {IntegrityError} `OFFSETS_INVALID` if these are no offsets, `STEP_FILE_DAMAGED` if a file does not begin with
   *   what it held then; no file is changed.
   */
  rewind(offsets: Readonly<Record<string, FilePosition>>): void {
    const positions = forEachFile((name) => requireOffset(offsets, name));
    for (const name of STEP_FILES) {
      const file = this.#files[name];
      if (!file.begins(positions[name])) throw stepFileDamage(file.path, positions[name]);
    }
    for (const name of STEP_FILES) this.#files[name].truncate(positions[name].bytes);
    this.#epochsHeader = firstRecord(this.#files['epochs.csv'].path);
    this.#chainHead = scanChain(readFileSync(this.#files[CHAIN_FILE].path, 'utf8')).head;
    this.#isRewindNeeded = false;
  }

  /** Hands what waits to the system. */
  flush(): void {
    for (const name of STEP_FILES) this.#files[name].flush();
  }

  /** Returns when what was recorded is on the disk itself. */
  sync(): void {
    for (const name of STEP_FILES) this.#files[name].sync();
  }

  /** As {@link StepFiles.sync}, without blocking. */
  async synced(): Promise<void> {
    await Promise.all(STEP_FILES.map((name) => this.#files[name].synced()));
  }

  close(): void {
    for (const name of STEP_FILES) this.#files[name].close();
  }

  #requirePosition(): void {
    if (!this.#isRewindNeeded) return;
    throw new TypeError(
      'Cannot record in a resumed run: rewind() must be called first, with the offsets of its checkpoint or START_OFFSETS',
    );
  }
}

type Row = Readonly<Record<string, number>>;

function requireRow(values: Row, position: { counter: 'step' | 'epoch'; count: number }): void {
  const { counter, count } = position;
  if (!Number.isSafeInteger(count) || count < 1) {
    throw new RangeError(
      `Cannot record a ${counter}: its number must be an integer >= 1: current value is ${count}`,
    );
  }
  if (!isRecord(values))
    throw argumentError(`record a ${counter}`, { rule: 'values must be an object', value: values });
  for (const [key, value] of Object.entries(values)) {
    const what = `Cannot record ${JSON.stringify(key)} of ${counter} ${count}`;
    if (key === counter) throw new RangeError(`${what}: the key is taken by the ${counter} itself`);
    if (!Number.isFinite(value))
      throw new RangeError(`${what}: value must be finite: current value is ${value}`);
  }
}

function requireOffset(
  offsets: Readonly<Record<string, FilePosition>>,
  name: StepFile,
): FilePosition {
  const offset: unknown = Object.hasOwn(offsets, name) ? offsets[name] : undefined;
  const { success, data } = positionSchema.safeParse(offset);
  if (success) return data;
  throw new IntegrityError(
    `The checkpoint has no valid offset of ${name}: ${JSON.stringify(offset)}`,
    {
      code: 'OFFSETS_INVALID',
      remedy: 'Resume from another checkpoint, or start afresh with --new.',
    },
  );
}

function forEachFile<T>(make: (name: StepFile) => T): Record<StepFile, T> {
  return {
    'metrics.jsonl': make('metrics.jsonl'),
    'timings.jsonl': make('timings.jsonl'),
    'epochs.csv': make('epochs.csv'),
    [CHAIN_FILE]: make(CHAIN_FILE),
  };
}

/** The header of a CSV file with its line break; a quoted field may hold a line break too. */
function firstRecord(path: string): string | null {
  const match = /^(?:"[^"]*"|[^"\r])*\r\n/.exec(readFileSync(path, 'utf8'));
  return match?.[0] ?? null;
}
