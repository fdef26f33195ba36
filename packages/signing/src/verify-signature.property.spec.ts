import { sha256 } from '@pixelis/core';
import fc from 'fast-check';
import { signFolder } from './sign-folder';
import { generateSigningKey } from './signing-key';
import { verifySignature } from './verify-signature';

const pair = generateSigningKey();
const segment = fc.string({ minLength: 1, maxLength: 6, unit: 'grapheme' }).filter(isSegment);
const list = fc
  .uniqueArray(fc.tuple(segment, segment), {
    minLength: 1,
    maxLength: 6,
    selector: ([a, b]) => `${a}/${b}`,
  })
  .map((pairs) => pairs.map(([a, b]) => ({ name: `${a}/${b}`, sha256: sha256(a) })));

describe('verifySignature', () => {
  it('accepts what was signed, in any order, and refuses it with one file changed', async () => {
    await fc.assert(
      fc.asyncProperty(list, fc.nat(), async (files, seed) => {
        const bundle = await signFolder(files, pair);
        expect(await verifySignature(files.toReversed(), bundle, pair)).toEqual([]);
        const index = seed % files.length;
        const name = files[index]?.name ?? '';
        const changed = files.with(index, { name, sha256: sha256('another') });
        expect(await verifySignature(changed, bundle, pair)).toMatchObject([
          { kind: 'changed', path: name },
        ]);
      }),
      { numRuns: 50 },
    );
  });

  it('refuses a bundle in which any byte of the payload or the signature was changed', async () => {
    const files = [{ name: 'a', sha256: sha256('a') }];
    const bundle = await signFolder(files, pair);
    const { payload, signatures } = bundle.dsseEnvelope;
    const sig = signatures[0]?.sig ?? '';
    await fc.assert(
      fc.asyncProperty(
        fc.boolean(),
        fc.nat(),
        fc.integer({ min: 1, max: 255 }),
        async (isSig, seed, mask) => {
          const bytes = Buffer.from(isSig ? sig : payload, 'base64');
          const index = seed % bytes.byteLength;
          bytes[index] = (bytes[index] ?? 0) ^ mask;
          const text = bytes.toString('base64');
          const change = isSig ? { signatures: [{ sig: text, keyid: '' }] } : { payload: text };
          const forged = { ...bundle, dsseEnvelope: { ...bundle.dsseEnvelope, ...change } };
          expect(await verifySignature(files, forged, pair)).toMatchObject([
            { kind: 'bad_signature' },
          ]);
        },
      ),
    );
  });
});

function isSegment(text: string): boolean {
  return !text.includes('/') && !text.startsWith('.');
}
