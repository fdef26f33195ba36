import { execFile } from 'node:child_process';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import fc from 'fast-check';
import { z } from 'zod';
import { parseManifest } from '../../src/index';
import { completeExample } from '../example-run';
import { changedDocuments, textOf, validDocuments } from '../manifest-documents';
import { useTemporaryFolder } from '../temporary-folder';

const PYTHON = join(process.env['PIXELIS_SERVICES'] ?? '', 'standards', 'bin', 'python');
const SCHEMAS = join(__dirname, '..', '..', '..', '..', 'schema');
const MANIFEST_SCHEMA = join(SCHEMAS, 'manifest.v1.json');

const temporaryFolder = useTemporaryFolder();
const reportSchema = z.object({ errors: z.array(z.object({ filename: z.string() })) });

describe('check-jsonschema of PyPI', () => {
  it('accepts and refuses by schema/manifest.v1.json what parseManifest() accepts and refuses', async () => {
    const documents = [
      ...fc.sample(validDocuments, { numRuns: 100, seed: 42 }),
      ...fc.sample(changedDocuments, { numRuns: 900, seed: 42 }),
    ];
    const folder = temporaryFolder();
    for (const [index, document] of documents.entries())
      writeFileSync(join(folder, `${index}.json`), textOf(document));
    const readers = documents.map((document) => isRead(textOf(document)));
    expect(readers.filter((isAccepted) => isAccepted).length).toBeGreaterThan(200);
    const refused = await refusedBelow(folder);
    const differing = documents.filter(
      (_, index) => refused.has(`${index}.json`) === readers[index],
    );
    expect(differing.map(textOf)).toEqual([]);
  });

  it('accepts the manifest of a run', async () => {
    const { directory } = await completeExample(temporaryFolder(), 'x');
    await checkJsonSchema(['--schemafile', MANIFEST_SCHEMA, join(directory, 'manifest.json')]);
  });

  it('finds every schema of this project to be one', async () => {
    const schemas = readdirSync(SCHEMAS).map((name) => join(SCHEMAS, name));
    expect(schemas.length).toBeGreaterThanOrEqual(2);
    await checkJsonSchema(['--check-metaschema', ...schemas]);
    const folder = join(temporaryFolder(), 'wrong');
    mkdirSync(folder);
    writeFileSync(
      join(folder, 'a.json'),
      '{"$schema":"https://json-schema.org/draft/2020-12/schema","type":"text"}',
    );
    await expect(checkJsonSchema(['--check-metaschema', join(folder, 'a.json')])).rejects.toThrow();
  });
});

// Helpers

/** The names of the files that the schema refuses, of those in a folder. */
async function refusedBelow(folder: string): Promise<Set<string>> {
  const files = readdirSync(folder).map((name) => join(folder, name));
  const report = await checkJsonSchema([
    '-o',
    'json',
    '--schemafile',
    MANIFEST_SCHEMA,
    ...files,
  ]).catch(
    (error: unknown) => z.object({ code: z.literal(1), stdout: z.string() }).parse(error).stdout,
  );
  const { errors } = reportSchema.parse(JSON.parse(report));
  return new Set(errors.map(({ filename }) => basename(filename)));
}

async function checkJsonSchema(words: readonly string[]): Promise<string> {
  const options = { maxBuffer: 1 << 28 };
  const { stdout } = await promisify(execFile)(
    PYTHON,
    ['-m', 'check_jsonschema', ...words],
    options,
  );
  return stdout;
}

function isRead(text: string): boolean {
  try {
    parseManifest(text, 'manifest.json');
    return true;
  } catch {
    return false;
  }
}
