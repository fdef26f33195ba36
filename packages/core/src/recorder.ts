/** A value that JSON can hold. */
export type JsonValue =
  null | boolean | number | string | readonly JsonValue[] | { readonly [key: string]: JsonValue };

/** Digests of a training step; `docs/formats/run-folder.md` defines each. The step before the first has weights alone. */
export interface StepDigests {
  /** SHA-256 of all batches since the digests before. */
  readonly batch?: string;
  /** The step's loss: the bits of the float64 in 16 hex digits. */
  readonly loss?: string;
  /** SHA-256 of the mean gradient before clipping, and a short digest of each of its tensors. */
  readonly gradients?: string;
  readonly gradient_tensors?: string;
  /** SHA-256 of the weights after the step, and a short digest of each tensor. */
  readonly weights: string;
  readonly weight_tensors: string;
}

/** How far a file has got. */
export interface FilePosition {
  readonly bytes: number;
  /** SHA-256 of these bytes. */
  readonly sha256: string;
}

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
  /** Adds digests of step `step` (from 0, the initial weights), linked to those before. */
  chain(step: number, digests: StepDigests): void;
  /** Adds an entry to the audit trail. */
  event(type: string, data?: Readonly<Record<string, JsonValue>>): void;
  /** Writes a file of the run atomically; `path` is relative to the run, with forward slashes. */
  writeFile(path: string, content: string | Uint8Array): void;
  /**
   * How far the step-wise files have got, by file name, to be kept in a checkpoint and handed to {@link Recorder.rewind}
   * on resume.
   */
  offsets(): Readonly<Record<string, FilePosition>>;
  /**
   * Cuts the step-wise files back to the offsets of a checkpoint.
   *
   * @throws {IntegrityError} If a file differs from what it held then; none is changed.
   */
  rewind(offsets: Readonly<Record<string, FilePosition>>): void;
}
