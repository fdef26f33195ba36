import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { trainingConfigJsonSchema } from './json-schema';
import { trainingConfigSchema } from './training-config';

const FILE = join(__dirname, '../../../schema/config.schema.json');

describe('trainingConfigJsonSchema()', () => {
  it('trainingConfigJsonSchema() is what schema/config.schema.json holds; UPDATE_SCHEMA=1 rewrites the file', () => {
    const text = `${JSON.stringify(trainingConfigJsonSchema(), undefined, 2)}\n`;
    if (process.env['UPDATE_SCHEMA'] === '1') writeFileSync(FILE, text);
    expect(readFileSync(FILE, 'utf8').replaceAll('\r\n', '\n')).toBe(text);
  });

  it('trainingConfigJsonSchema() says which dialect it is, and refuses unknown keys', () => {
    expect(trainingConfigJsonSchema()).toMatchObject({
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      additionalProperties: false,
    });
  });

  it('trainingConfigJsonSchema() takes what the schema takes, without its defaults', () => {
    const published = z.fromJSONSchema(trainingConfigJsonSchema());
    const exit = { metric: 'accuracy/simple', threshold: 0.5 };
    const stages = [{ name: 'only', exit, mixture: { simple: 1 } }];
    expect(published.safeParse({}).success).toBe(true);
    expect(published.safeParse(trainingConfigSchema.parse({})).success).toBe(true);
    expect(published.safeParse({ curriculum: { stages } }).success).toBe(true);
    expect(published.safeParse({ training: { sed: 1 } }).success).toBe(false);
    expect(published.safeParse({ training: { seed: -1 } }).success).toBe(false);
    expect(published.safeParse({ training: { mode: 'rft' } }).success).toBe(false);
  });
});
