import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { canonicalJson, IntegrityError } from '@pixelis/core';
import { AppendFile, type AppendFileOptions } from './append-file';
import { argumentError, isRecord } from './check-argument';
import { csvRecord } from './csv';

/** The files that grow with the steps of a run, and can be cut back. */
export const STEP_FILES = ['metrics.jsonl', 'timings.jsonl', 'epochs.csv'] as const;
type StepFile = (typeof STEP_FILES)[number];

/** The offsets of a run that has not recorded a step: what a run that is resumed without a checkpoint rewinds to. */
export const START_OFFSETS: Readonly<Record<StepFile, number>> = Object.freeze({
  'metrics.jsonl': 0,
  'timings.jsonl': 0,
  'epochs.csv': 0,
});

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

  constructor(directory: string, options: StepFilesOptions) {
    this.#isRewindNeeded = options.isRewindNeeded;
    this.#files = {
      'metrics.jsonl': new AppendFile(join(directory, 'metrics.jsonl'), options),
      'timings.jsonl': new AppendFile(join(directory, 'timings.jsonl'), options),
      'epochs.csv': new AppendFile(join(directory, 'epochs.csv'), options),
    };
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

  /** The lengths of the files in bytes, once all of these bytes are on the disk itself. */
  offsets(): Record<StepFile, number> {
    this.#requirePosition();
    this.sync();
    return {
      'metrics.jsonl': this.#files['metrics.jsonl'].sizeBytes,
      'timings.jsonl': this.#files['timings.jsonl'].sizeBytes,
      'epochs.csv': this.#files['epochs.csv'].sizeBytes,
    };
  }

  /**
   * Cuts the files back to what {@link StepFiles.offsets} once gave.
   *
   * @throws {IntegrityError} `OFFSETS_INVALID` or `STEP_FILE_DAMAGED` if a file cannot be cut so; none is changed then.
   */
  rewind(offsets: Readonly<Record<string, number>>): void {
    const checked = STEP_FILES.map((name) => {
      const sizeBytes = requireOffset(offsets, name);
      const file = this.#files[name];
      if (!file.hasLineEndAt(sizeBytes)) throw damagedError(file.path, sizeBytes);
      return { file, sizeBytes };
    });
    for (const { file, sizeBytes } of checked) file.truncate(sizeBytes);
    this.#epochsHeader = firstRecord(this.#files['epochs.csv'].path);
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

function requireOffset(offsets: Readonly<Record<string, number>>, name: StepFile): number {
  const offset = Object.hasOwn(offsets, name) ? offsets[name] : undefined;
  if (offset !== undefined && Number.isSafeInteger(offset) && offset >= 0) return offset;
  throw new IntegrityError(`The checkpoint has no valid offset of ${name}: ${String(offset)}`, {
    code: 'OFFSETS_INVALID',
    remedy: 'Resume from another checkpoint, or start afresh with --new.',
  });
}

function damagedError(path: string, sizeBytes: number): IntegrityError {
  return new IntegrityError(
    `${path} has no line that ends at byte ${sizeBytes}, as the checkpoint says`,
    {
      code: 'STEP_FILE_DAMAGED',
      remedy: 'Resume from an earlier checkpoint, or start afresh with --new.',
    },
  );
}

/** The header of a CSV file with its line break; a quoted field may hold a line break too. */
function firstRecord(path: string): string | null {
  const match = /^(?:"[^"]*"|[^"\r])*\r\n/.exec(readFileSync(path, 'utf8'));
  return match?.[0] ?? null;
}
