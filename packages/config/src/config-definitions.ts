import { deviceDefaults } from './device-defaults';
import { evaluationConfigSchema } from './evaluation-config';
import type { ConfigDefinition } from './resolve-config';
import { sweepConfigSchema } from './sweep-config';
import { trainingConfigSchema } from './training-config';

/** The configuration of a training run. */
export const trainingDefinition: ConfigDefinition<typeof trainingConfigSchema> = {
  schema: trainingConfigSchema,
  derivedDefaults: deviceDefaults,
  schemaFile: 'schema/config.schema.json',
};

/** The configuration of an evaluation. */
export const evaluationDefinition: ConfigDefinition<typeof evaluationConfigSchema> = {
  schema: evaluationConfigSchema,
  derivedDefaults: deviceDefaults,
  schemaFile: 'schema/evaluate.schema.json',
};

/** The configuration of a sweep. */
export const sweepDefinition: ConfigDefinition<typeof sweepConfigSchema> = {
  schema: sweepConfigSchema,
  derivedDefaults: deviceDefaults,
  schemaFile: 'schema/sweep.schema.json',
};
