import type { ExperimentOptions } from '../src/context/experiment-options';

/** Options of an experiment in a test: no sampling, the quickest capture, no warnings of a checkout that is dirty. */
export function quiet(root: string, options: ExperimentOptions = {}): ExperimentOptions {
  return { root, hardwareIntervalMs: 0, captureLevel: 'basic', warn: () => undefined, ...options };
}
