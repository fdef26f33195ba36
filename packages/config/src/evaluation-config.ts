import { z } from 'zod';
import { trainingConfigSchema } from './training-config';

const name = z.string().min(1, { error: 'must be text that is not empty' });

const evaluationSection = z
  .strictObject({
    model: name
      .nullable()
      .default(null)
      .describe(
        'Model of the store, its version or an alias, or path of a safetensors file; null: the newest that a run made.',
      ),
    dataset: name
      .default('digits-reasoning')
      .describe('Data set by its registered name, or an artifact of one.'),
    benchmark: z
      .enum(['digits', 'digits-simple', 'digits-medium', 'digits-hard'])
      .default('digits')
      .describe('Which questions are asked.'),
  })
  .describe('What is evaluated, and on what.');

/** The configuration of an evaluation: that of a training run, whose model and data it reads, and what is evaluated. */
export const evaluationConfigSchema = trainingConfigSchema
  .safeExtend({ evaluation: evaluationSection.prefault({}) })
  .describe('Configuration of a Pixelis evaluation.');

/** A complete, valid configuration of an evaluation. */
export type EvaluationConfig = z.output<typeof evaluationConfigSchema>;
