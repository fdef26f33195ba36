/** The backends that a run can ask for by name. */
export const BACKEND_NAMES = ['wasm', 'cpu', 'gpu', 'webgpu', 'reference', 'auto'] as const;

export type BackendName = (typeof BACKEND_NAMES)[number];

/** A backend that is ready: TensorFlow.js is set to it. */
export interface Backend {
  /** The backend in use; never `auto`. */
  readonly name: Exclude<BackendName, 'auto'>;
  /** Version of the library behind it. */
  readonly version: string;
  /** The GPU in use, as its driver names it; absent on processors and where the library does not tell. */
  readonly device?: string;
  /** Threads that a training step is shared by. */
  readonly threads: number;
  /** One line on what is used and why. */
  readonly description: string;
}
