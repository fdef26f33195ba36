import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { sha256 } from '@pixelis/core';
import { z } from 'zod';
import { useTemporaryFolder, writeFiles } from '../test/temporary-folder';
import { rootDigest } from './model-statement';
import { SIGNATURE_FILE, type SignatureBundle, signFolder } from './sign-folder';
import { generateSigningKey } from './signing-key';

const temporaryFolder = useTemporaryFolder();
const { privateKey, hint } = generateSigningKey();

describe('signFolder', () => {
  it('makes a bundle as OpenSSF Model Signing 1.0 describes it', async () => {
    const folder = writeFiles(temporaryFolder(), { 'b.txt': 'b', 'a/c.txt': 'c', 'a.txt': 'a' });
    const bundle = await signFolder(folder, { privateKey, name: 'example' });
    expect(bundle).toEqual({
      mediaType: 'application/vnd.dev.sigstore.bundle.v0.3+json',
      verificationMaterial: { publicKey: { hint }, tlogEntries: [] },
      dsseEnvelope: {
        payload: expect.any(String) as unknown,
        payloadType: 'application/vnd.in-toto+json',
        signatures: [{ sig: expect.any(String) as unknown, keyid: '' }],
      },
    });
    const digests = [sha256('a'), sha256('c'), sha256('b')];
    expect(payloadOf(bundle)).toEqual({
      _type: 'https://in-toto.io/Statement/v1',
      subject: [{ name: 'example', digest: { sha256: rootDigest(digests) } }],
      predicateType: 'https://model_signing/signature/v1.0',
      predicate: {
        resources: ['a.txt', 'a/c.txt', 'b.txt'].map((name, index) => ({
          name,
          digest: digests[index],
          algorithm: 'sha256',
        })),
        serialization: {
          method: 'files',
          hash_type: 'sha256',
          allow_symlinks: false,
          ignore_paths: ['.git', '.gitattributes', '.github', '.gitignore', 'model.sig'],
        },
      },
    });
  });

  it('sorts names by code point, not by code unit', async () => {
    const names = ['\u{1f600}', '\ufb01', 'z'];
    const files = names.map((name) => ({ name, sha256: sha256(name) }));
    expect(namesIn(await signFolder(files, { privateKey }))).toEqual(['z', '\ufb01', '\u{1f600}']);
  });

  it('leaves out what is ignored, at the top only, with all below it', async () => {
    const folder = writeFiles(temporaryFolder(), {
      [SIGNATURE_FILE]: '{}',
      '.git/HEAD': '',
      'cache/deep/file': '',
      cached: '',
      'sub/cache': '',
      'sub/model.sig': '',
    });
    const bundle = await signFolder(folder, { privateKey, ignorePaths: ['cache'] });
    expect(namesIn(bundle)).toEqual(['cached', 'sub/cache', 'sub/model.sig']);
  });

  it('calls a folder by its name', async () => {
    const folder = writeFiles(join(temporaryFolder(), 'my-run'), { a: '' });
    const bundle = await signFolder(`${folder}/.`, { privateKey });
    expect(payloadOf(bundle)).toMatchObject({ subject: [{ name: 'my-run' }] });
  });

  it('refuses a folder without files, a symbolic link and a single file', async () => {
    const folder = temporaryFolder();
    await expect(signFolder(folder, { privateKey })).rejects.toMatchObject({
      code: 'SIGNING_NOTHING',
    });
    writeFiles(folder, { a: '' });
    await expect(signFolder(join(folder, 'a'), { privateKey })).rejects.toMatchObject({
      code: 'SIGNING_NEEDS_FOLDER',
    });
    symlinkSync('a', join(folder, 'b'));
    await expect(signFolder(folder, { privateKey })).rejects.toMatchObject({
      code: 'SIGNING_NOT_A_FILE',
    });
    await expect(signFolder(folder, { privateKey, ignorePaths: ['b'] })).resolves.toMatchObject({});
  });

  it.each(['', '/a', 'a//b', '../a', './a', 'a/', '*.txt', 'a[0]', 'b?'])(
    'refuses to ignore %j',
    async (path) => {
      const folder = writeFiles(temporaryFolder(), { a: '' });
      await expect(signFolder(folder, { privateKey, ignorePaths: [path] })).rejects.toThrow(
        RangeError,
      );
    },
  );

  it.each([
    { name: 'a', sha256: 'abc' },
    { name: '../a', sha256: sha256('') },
  ])('refuses the listed file %j', async (file) => {
    await expect(signFolder([file], { privateKey })).rejects.toThrow(RangeError);
  });
});

function payloadOf({ dsseEnvelope }: SignatureBundle): unknown {
  return JSON.parse(Buffer.from(dsseEnvelope.payload, 'base64').toString());
}

function namesIn(bundle: SignatureBundle): string[] {
  const schema = z.object({
    predicate: z.object({ resources: z.array(z.object({ name: z.string() })) }),
  });
  return schema.parse(payloadOf(bundle)).predicate.resources.map(({ name }) => name);
}
