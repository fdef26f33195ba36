import { z } from 'zod';
import { LAYER_NAMES } from './config-error';
import { evaluationConfigSchema } from './evaluation-config';
import { sweepConfigSchema } from './sweep-config';
import { trainingConfigSchema } from './training-config';

const originSchema = z.object({
  layer: z.enum(LAYER_NAMES).describe('Layer that set the value.'),
  source: z.string().describe('File, environment variable or argument.'),
});

/** What a file may hold beside the configuration. */
const notesSchema = z.object({
  $schema: z.string().optional().describe('Address of this schema, for editors.'),
  $origins: z
    .record(z.string(), originSchema)
    .optional()
    .describe('Who set each value that is no default, by its path; written by programs.'),
});

/**
 * JSON Schema (draft 2020-12) of what a configuration file of a training run may hold. Rules between values, such as
 * "batch_size at least shards", are in the zod schema alone.
 */
export function trainingConfigJsonSchema(): z.core.JSONSchema.BaseSchema {
  return configJsonSchema(trainingConfigSchema);
}

/** As {@link trainingConfigJsonSchema}, of an evaluation. */
export function evaluationConfigJsonSchema(): z.core.JSONSchema.BaseSchema {
  return configJsonSchema(evaluationConfigSchema);
}

/** As {@link trainingConfigJsonSchema}, of a sweep. */
export function sweepConfigJsonSchema(): z.core.JSONSchema.BaseSchema {
  return configJsonSchema(sweepConfigSchema);
}

function configJsonSchema(schema: z.ZodObject): z.core.JSONSchema.BaseSchema {
  const options = { target: 'draft-2020-12', io: 'input' } as const;
  const notes = z.toJSONSchema(notesSchema, options).properties;
  const { properties, ...rest } = z.toJSONSchema(schema, options);
  return { ...rest, properties: { ...notes, ...properties } };
}
