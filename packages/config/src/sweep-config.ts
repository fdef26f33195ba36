import { z } from 'zod';
import { EXPLAINS_ALL_BELOW } from './schema-issues';
import { searchProblems } from './search-rules';
import { trainingConfigSchema } from './training-config';

const count = z.int().min(1);
const name = z.string().min(1, { error: 'must be text that is not empty' });
const bound = z.number();

/** What a trial may set a key to: any plain value. */
const values = z.array(z.json()).min(1);

const DISTRIBUTIONS = ['uniform', 'log_uniform', 'int', 'log_int'] as const;

/** Spelled as on the command line too, `log-uniform`; what comes out has the spelling of all configurations. */
const distribution = z
  .enum([...DISTRIBUTIONS, 'log-uniform', 'log-int'], {
    error: `must be ${DISTRIBUTIONS.map((name) => JSON.stringify(name)).join(' or ')}`,
  })
  .transform((spelling) => spelling.replace('-', '_'))
  .pipe(z.enum(DISTRIBUTIONS));

const parameterSchema = z.union([
  z
    .strictObject({ values: values.describe('The values to try.') })
    .describe('One of several values.'),
  z
    .strictObject({
      distribution,
      low: bound.describe('Smallest value.'),
      high: bound.describe('Largest value.'),
      step: z.number().positive().optional().describe('Distance of neighbouring values from low.'),
    })
    .describe('A value between two bounds, both included.'),
]);

/** What a sweep varies of one key, and how. */
export type SweepParameter = z.output<typeof parameterSchema>;

const halvingSection = z.strictObject(
  {
    minimum_steps: z
      .int({
        error: ({ input }) =>
          input === undefined ? 'is required: give it, or --halving STEPS' : undefined,
      })
      .min(1)
      .describe('Steps after which trials are compared for the first time.'),
    reduction_factor: z
      .int()
      .min(2)
      .default(3)
      .describe('One trial of so many goes on, for as many times the steps.'),
  },
  {
    error: ({ code, input }) =>
      code === 'invalid_type' && typeof input === 'number'
        ? `must be a section with keys: { minimum_steps: ${input} }`
        : undefined,
  },
);

const sweepSection = z
  .strictObject({
    strategy: z
      .enum(['grid', 'random', 'tpe'])
      .default('grid')
      .describe('How the trials are chosen.'),
    trials: count
      .nullable()
      .default(null)
      .describe('Number of trials of random and tpe; a grid has as many as combinations.'),
    generation_size: count
      .default(4)
      .describe('Trials that tpe proposes together, so that how many run at once changes none.'),
    metric: name
      .default('loss/val')
      .describe('Key of metrics.jsonl whose last value is the result of a trial.'),
    direction: z.enum(['min', 'max']).default('min').describe('Which results are the better ones.'),
    space: z
      .record(name, parameterSchema)
      .prefault({})
      .describe('What is varied, by dotted keys such as training.learning_rate.'),
    halving: halvingSection
      .nullable()
      .default(null)
      .describe('Successive halving: stop the worse trials early.'),
  })
  .describe('What is searched, and how.');

/** The configuration of a sweep: that of a training run, and what is varied of it. */
export const sweepConfigSchema = trainingConfigSchema
  .safeExtend({ sweep: sweepSection.prefault({}) })
  .superRefine(
    (config, context) => {
      for (const { path, message, isWhole = false } of searchProblems(config)) {
        const params = { [EXPLAINS_ALL_BELOW]: isWhole };
        context.addIssue({ code: 'custom', path, message, input: undefined, params });
      }
    },
    { when: () => true },
  )
  .describe('Configuration of a Pixelis sweep.');

/** A complete, valid configuration of a sweep. */
export type SweepConfig = z.output<typeof sweepConfigSchema>;
