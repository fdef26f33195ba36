import { loadBackend } from '../../src/backends/load-backend';
import { ConformanceErrors } from './conformance-errors';
import { describeLayers } from './describe-layers';
import { describeModels } from './describe-models';
import { describeOptimizer } from './describe-optimizer';
import { describeTraining } from './describe-training';
import type { ConformanceBackend, Tolerances } from './tolerances';

/** What a backend has beyond what all have. */
export interface DescribeConformanceOptions {
  /** Whether it can compile a training step. @default {false} */
  readonly isCompiling?: boolean;
}

/**
 * The tests that every backend has to pass: each layer forward and backward, clipping and AdamW, the loss and gradients of both models, and a
 * short training of each, against PyTorch in float64. With `PIXELIS_CONFORMANCE_ERRORS=1` the largest errors are printed.
 */
export function describeConformance(
  backend: ConformanceBackend,
  tolerances: Tolerances,
  { isCompiling = false }: DescribeConformanceOptions = {},
): void {
  describe(`backend "${backend}" against PyTorch in float64`, () => {
    const errors = new ConformanceErrors(tolerances);

    beforeAll(async () => {
      expect((await loadBackend(backend)).name).toBe(backend);
    });

    afterAll(() => {
      if (process.env['PIXELIS_CONFORMANCE_ERRORS'] !== '1') return;
      process.stderr.write(`largest errors of ${backend}:\n${errors.summary()}\n`);
    });

    describeLayers(errors);
    describeOptimizer(errors);
    describeModels(errors);
    describeTraining(errors);
    if (isCompiling) describeTraining(errors, { isCompiled: true });
  });
}
