import { z } from 'zod';
import { trainingConfigSchema } from './training-config';

/**
 * JSON Schema (draft 2020-12) of what a configuration file may hold. Rules between values, such as "batch_size at
 * least shards", are in the zod schema alone.
 */
export function trainingConfigJsonSchema(): z.core.JSONSchema.BaseSchema {
  return z.toJSONSchema(trainingConfigSchema, { target: 'draft-2020-12', io: 'input' });
}
