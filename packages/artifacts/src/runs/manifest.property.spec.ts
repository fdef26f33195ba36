import Ajv from 'ajv';
import fc from 'fast-check';
import { changedDocuments, type Json, textOf, validDocuments } from '../../test/manifest-documents';
import { manifestJsonSchema } from './manifest';
import { isLaterVersionError } from './migrate-manifest';
import { scanManifest } from './read-manifest';

// This validator does not know the draft's own schema; what the manifest's uses means the same in every draft.
const isValid = new Ajv().compile({ ...manifestJsonSchema(), $schema: undefined });

describe('manifestJsonSchema', () => {
  it('manifestJsonSchema() and parseManifest() accept every manifest of the contract', () => {
    fc.assert(
      fc.property(validDocuments, (document) => {
        expect(verdicts(document)).toEqual({ text: textOf(document), reader: true, schema: true });
      }),
    );
  });

  it('manifestJsonSchema() accepts of changed manifests just those that parseManifest() accepts', () => {
    const refused = { true: 0, false: 0 };
    fc.assert(
      fc.property(changedDocuments, (document) => {
        const { text, reader, schema } = verdicts(document);
        refused[`${!reader}`] += 1;
        expect({ text, isAccepted: schema }).toEqual({ text, isAccepted: reader });
      }),
      { numRuns: 4000 },
    );
    expect(Math.min(refused.true, refused.false)).toBeGreaterThan(100);
  });
});

// Helpers

function verdicts(document: Json): { text: string; reader: boolean; schema: unknown } {
  const text = textOf(document);
  return { text, reader: isRead(text), schema: isValid(JSON.parse(text)) };
}

function isRead(text: string): boolean {
  try {
    return !Array.isArray(scanManifest(text, 'manifest.json'));
  } catch (error) {
    if (isLaterVersionError(error)) return false;
    throw error;
  }
}
