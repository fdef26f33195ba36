/** A value that JSON can hold. */
export type JsonValue =
  null | boolean | number | string | readonly JsonValue[] | { readonly [key: string]: JsonValue };

/**
 * Where a training run reports what happens. Everything that is recorded by step must be free of clocks, so that two
 * equal runs record equal lines; times go to {@link Recorder.timings}.
 */
export interface Recorder {
  /** Adds a line of metrics, such as `{'loss/train': 0.5}`, for step `step` (from 1). Values must be finite. */
  metrics(step: number, values: Readonly<Record<string, number>>): void;
  /** Adds a line of times and rates for step `step`; the unit is the key's last word, such as `step_ms`. */
  timings(step: number, values: Readonly<Record<string, number>>): void;
  /** Adds a row for epoch `epoch` (from 1). Every epoch must have the same keys. */
  epoch(epoch: number, values: Readonly<Record<string, number>>): void;
  /** Adds an entry to the audit trail. */
  event(type: string, data?: Readonly<Record<string, JsonValue>>): void;
  /** Writes a file of the run atomically; `path` is relative to the run, with forward slashes. */
  writeFile(path: string, content: string | Uint8Array): void;
  /**
   * How far the step-wise files have got, to be kept in a checkpoint and handed to {@link Recorder.rewind} on resume:
   * file name → bytes.
   */
  offsets(): Readonly<Record<string, number>>;
  /** Cuts the step-wise files back to the offsets of a checkpoint. */
  rewind(offsets: Readonly<Record<string, number>>): void;
}
