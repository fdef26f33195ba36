import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { z } from 'zod';
import { validSettings } from '../test/config-arbitraries';
import { evaluationConfigSchema } from './evaluation-config';
import {
  evaluationConfigJsonSchema,
  sweepConfigJsonSchema,
  trainingConfigJsonSchema,
} from './json-schema';
import { resolveTrainingConfig } from './entry-point-resolution';
import { sweepConfigSchema } from './sweep-config';
import { trainingConfigSchema } from './training-config';
import { trialDocument } from './trial-document';

const SCHEMAS = [
  ['config', trainingConfigJsonSchema(), trainingConfigSchema],
  ['evaluate', evaluationConfigJsonSchema(), evaluationConfigSchema],
  ['sweep', sweepConfigJsonSchema(), sweepConfigSchema],
] as const;

describe.each(SCHEMAS)('schema/%s.schema.json', (name, jsonSchema, schema) => {
  const published = z.fromJSONSchema(jsonSchema);

  it('is what the zod schema gives; UPDATE_SCHEMA=1 rewrites the file', () => {
    const file = join(__dirname, `../../../schema/${name}.schema.json`);
    const text = `${JSON.stringify(jsonSchema, undefined, 2)}\n`;
    if (process.env['UPDATE_SCHEMA'] === '1') writeFileSync(file, text);
    expect(readFileSync(file, 'utf8').replaceAll('\r\n', '\n')).toBe(text);
  });

  it('says which dialect it is, and refuses unknown keys', () => {
    expect(jsonSchema).toMatchObject({
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      additionalProperties: false,
    });
  });

  it('takes what the zod schema takes, without its defaults, and what is noted for editors and programs', () => {
    const exit = { metric: 'accuracy/simple', threshold: 0.5 };
    const stages = [{ name: 'only', exit, mixture: { simple: 1 } }];
    const $origins = { 'training.seed': { layer: 'argument', source: '--seed' } };
    expect(published.safeParse({}).success).toBe(true);
    expect(published.safeParse(schema.parse({})).success).toBe(true);
    expect(published.safeParse({ curriculum: { stages } }).success).toBe(true);
    expect(published.safeParse({ $schema: `./${name}.schema.json`, $origins }).success).toBe(true);
    expect(published.safeParse({ $origins: { a: { layer: 'x', source: '' } } }).success).toBe(
      false,
    );
    expect(published.safeParse({ training: { sed: 1 } }).success).toBe(false);
    expect(published.safeParse({ training: { seed: -1 } }).success).toBe(false);
    expect(published.safeParse({ training: { mode: 'rft' } }).success).toBe(false);
  });

  it('takes and refuses generated configurations as the zod schema does, but for rules between values', () => {
    fc.assert(
      fc.property(generatedConfig(schema), (config) => {
        const { error } = schema.safeParse(config);
        const isExpressible = error === undefined || error.issues.every(isInJsonSchema);
        fc.pre(isExpressible);
        expect(published.safeParse(config).success).toBe(error === undefined);
      }),
    );
  });
});

describe('schema/config.schema.json', () => {
  it('takes the file of every trial', () => {
    const published = z.fromJSONSchema(trainingConfigJsonSchema());
    fc.assert(
      fc.property(validSettings(), (options) => {
        const document = trialDocument(resolveTrainingConfig({ options }), { schema: '../c.json' });
        expect(published.safeParse(document).error).toBeUndefined();
      }),
      { numRuns: 30 },
    );
  });
});

// Helpers

/** The default configuration with some values of it replaced by others, of which some are wrong. */
function generatedConfig(schema: z.ZodObject): fc.Arbitrary<unknown> {
  const defaults = z.record(z.string(), z.record(z.string(), z.json())).parse(schema.parse({}));
  const keys = Object.entries(defaults).flatMap(([section, values]) => {
    return Object.keys(values).map((key) => [section, key] as const);
  });
  const value = fc.oneof(
    fc.constantFrom<unknown>(-1, 0, 1, 2, 1.5, 2048, 1e300, null, true, '', 'max', 'wasm', [], {}),
    fc.record({ minimum_steps: fc.integer({ min: 0, max: 3 }) }),
    fc.dictionary(fc.constantFrom('training.seed', 'x'), parameter, { maxKeys: 1 }),
  );
  const change = fc.tuple(fc.constantFrom(...keys, ['training', 'sed'] as const), value);
  return fc.array(change, { maxLength: 3 }).map((changes) => {
    const config = structuredClone(defaults);
    for (const [[section, key], wrong] of changes)
      Object.assign(config[section] ?? {}, { [key]: wrong });
    return config;
  });
}

const parameter = fc.oneof(
  fc.record({ values: fc.array(fc.jsonValue({ maxDepth: 1 }), { maxLength: 2 }) }),
  fc.record(
    {
      distribution: fc.constantFrom('uniform', 'int', 'even'),
      low: fc.constantFrom(1, 2),
      high: fc.constantFrom<unknown>(3, 'x'),
      step: fc.constantFrom(-1, 0.5),
    },
    { requiredKeys: ['distribution', 'low'] },
  ),
);

/** Rules between values, and what divides the size of an image, are checks of code. */
function isInJsonSchema({ code }: z.core.$ZodIssue): boolean {
  return code !== 'custom';
}
