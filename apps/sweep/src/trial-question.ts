import { z } from 'zod';

/** What `trial-question-process.js` is asked before a sweep is begun. */
export const trialQuestionSchema = z.strictObject({
  /** Data sets that trials are to be trained on. */
  datasets: z.array(z.string()),
  /** Folders of their data; null: where the data set's package is installed. */
  directories: z.array(z.string().nullable()),
  /** What they are to compute on, as `prepareBackend` takes it; null where that is on other machines. */
  backend: z
    .strictObject({
      name: z.enum(['wasm', 'cpu', 'gpu', 'webgpu', 'reference', 'auto']),
      seed: z.int(),
      isDeterministic: z.boolean(),
      threads: z.int().nullable(),
      isCompiled: z.boolean(),
      precision: z.enum(['f32', 'bf16']),
    })
    .nullable(),
});

export type TrialQuestion = z.infer<typeof trialQuestionSchema>;

/** What it says if nothing is refused: what a run's manifest would tell of the backend. */
export const trialAnswerSchema = z.strictObject({
  tensorflow: z.string().nullable(),
  backend: z.strictObject({ name: z.string(), version: z.string(), threads: z.int().nullable() }),
});

export type TrialAnswer = z.infer<typeof trialAnswerSchema>;
