/** Why a backend cannot be used, and what to do. */
export interface ProbeProblem {
  /** Such as `NATIVE_BACKEND_MISSING`. */
  readonly code: string;
  readonly message: string;
  readonly remedy: string;
}

/** What is known of a backend that computes. */
export interface ProbeFacts {
  /** Of the library behind it. */
  readonly version: string;
  /** The device, such as the name of a graphics processor; null where the backend does not tell. */
  readonly device: string | null;
  /** Whether the device is a program, such as a software implementation of Vulkan: right, but slow. */
  readonly isSoftware: boolean;
  readonly threads: number;
  /** One line on what is used. */
  readonly description: string;
  /** From the beginning to the last number read. */
  readonly durationMs: number;
}

/** What a probe's process tells. */
export type ProbeAnswer = ProbeFacts | { readonly problem: ProbeProblem };

/** Whether a message is an answer: a foreign library in the same process might send one of its own. */
export function isProbeAnswer(value: unknown): value is ProbeAnswer {
  if (typeof value !== 'object' || value === null) return false;
  if ('problem' in value) {
    const { problem } = value;
    return typeof problem === 'object' && problem !== null && 'message' in problem;
  }
  return 'version' in value && 'description' in value;
}
