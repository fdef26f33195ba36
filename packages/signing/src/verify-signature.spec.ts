import { appendFileSync, readFileSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { sha256 } from '@pixelis/core';
import { z } from 'zod';
import { bundleOf, exampleStatement } from '../test/example-signature';
import { useTemporaryFolder, writeFiles } from '../test/temporary-folder';
import { rootDigest } from './model-statement';
import { SIGNATURE_FILE, type SignatureBundle, signFolder } from './sign-folder';
import { generateSigningKey } from './signing-key';
import { verifySignature } from './verify-signature';

const temporaryFolder = useTemporaryFolder();
const pair = generateSigningKey();
const { privateKey, publicKey } = pair;
const FILES = { 'a.txt': 'a', 'b/c.txt': 'c', 'b/empty': '' };

describe('verifySignature', () => {
  it('finds nothing wrong with a folder that is as it was signed, wherever it lies', async () => {
    const folder = writeFiles(temporaryFolder(), FILES);
    const bundle = await signFolder(folder, { privateKey });
    writeFiles(folder, { [SIGNATURE_FILE]: JSON.stringify(bundle) });
    renameSync(folder, `${folder}-moved`);
    const written: unknown = JSON.parse(
      readFileSync(join(`${folder}-moved`, SIGNATURE_FILE), 'utf8'),
    );
    expect(await verifySignature(`${folder}-moved`, written, { publicKey })).toEqual([]);
  });

  it('names every file that was changed, added or removed, and links', async () => {
    const folder = writeFiles(temporaryFolder(), FILES);
    const bundle = await signFolder(folder, { privateKey });
    appendFileSync(join(folder, 'a.txt'), '!');
    rmSync(join(folder, 'b/c.txt'));
    writeFiles(folder, { 'b/new': '' });
    symlinkSync('a.txt', join(folder, 'link'));
    rmSync(join(folder, 'b/empty'));
    symlinkSync('new', join(folder, 'b/empty'));
    expect(await verifySignature(folder, bundle, { publicKey })).toEqual([
      { kind: 'changed', path: 'a.txt', message: 'was changed since it was signed' },
      { kind: 'missing', path: 'b/c.txt', message: 'is missing' },
      { kind: 'not_a_file', path: 'b/empty', message: 'is neither a file nor a folder' },
      { kind: 'added', path: 'b/new', message: 'was not signed' },
      { kind: 'not_a_file', path: 'link', message: 'is neither a file nor a folder' },
    ]);
  });

  it('lets stand what was ignored', async () => {
    const folder = writeFiles(temporaryFolder(), FILES);
    const bundle = await signFolder(folder, { privateKey, ignorePaths: ['cache'] });
    writeFiles(folder, { 'cache/a': '', '.git/HEAD': '', notes: '' });
    expect(await verifySignature(folder, bundle, { publicKey })).toMatchObject([{ path: 'notes' }]);
    const ignorePaths = ['notes'];
    expect(await verifySignature(folder, bundle, { publicKey, ignorePaths })).toEqual([]);
  });

  it('checks a list of hashes as it does a folder', async () => {
    const list = Object.entries(FILES).map(([name, text]) => ({ name, sha256: sha256(text) }));
    const bundle = await signFolder(list, { privateKey });
    expect(await verifySignature(list, bundle, { publicKey })).toEqual([]);
    const folder = writeFiles(temporaryFolder(), FILES);
    expect(await verifySignature(folder, bundle, { publicKey })).toEqual([]);
    const changed = list.with(0, { name: 'a.txt', sha256: sha256('') });
    expect(await verifySignature(changed, bundle, { publicKey })).toMatchObject([
      { kind: 'changed', path: 'a.txt' },
    ]);
    expect(await verifySignature(list.slice(1), bundle, { publicKey })).toMatchObject([
      { kind: 'missing', path: 'a.txt' },
    ]);
  });

  it('tells a wrong key from a forged signature', async () => {
    const folder = writeFiles(temporaryFolder(), FILES);
    const bundle = await signFolder(folder, { privateKey });
    const other = generateSigningKey();
    const wrong = await verifySignature(folder, bundle, other);
    expect(wrong).toMatchObject([{ kind: 'wrong_key', path: null }]);
    const relabelled = {
      ...bundle,
      verificationMaterial: { publicKey: { hint: other.hint }, tlogEntries: [] },
    };
    expect(await verifySignature(folder, relabelled, other)).toMatchObject([
      { kind: 'bad_signature', path: null },
    ]);
  });

  it('accepts a bundle that names no key, as model-signing wrote before 1.1.0', async () => {
    const folder = writeFiles(temporaryFolder(), FILES);
    const bundle = {
      ...(await signFolder(folder, { privateKey })),
      verificationMaterial: { publicKey: { rawBytes: 'AAAA', keyDetails: 'PKIX' } },
    };
    expect(await verifySignature(folder, bundle, { publicKey })).toEqual([]);
    expect(await verifySignature(folder, bundle, generateSigningKey())).toMatchObject([
      { kind: 'bad_signature' },
    ]);
  });

  it('refuses a payload that was exchanged', async () => {
    const folder = writeFiles(temporaryFolder(), FILES);
    const bundle = await signFolder(folder, { privateKey });
    writeFiles(folder, { 'a.txt': 'forged' });
    const { payload } = (await signFolder(folder, generateSigningKey())).dsseEnvelope;
    const forged = { ...bundle, dsseEnvelope: { ...bundle.dsseEnvelope, payload } };
    expect(await verifySignature(folder, forged, { publicKey })).toMatchObject([
      { kind: 'bad_signature' },
    ]);
  });

  it.each<[string, (bundle: SignatureBundle) => unknown]>([
    ['nothing', () => null],
    ['another version', (bundle) => ({ ...bundle, mediaType: `${bundle.mediaType};version=9` })],
    ['no envelope', ({ mediaType }) => ({ mediaType })],
    ['no key', (bundle) => ({ ...bundle, verificationMaterial: { certificate: {} } })],
    ['no signature', (bundle) => withEnvelope(bundle, { signatures: [] })],
    ['no base64', (bundle) => withEnvelope(bundle, { payload: '{"a":1}' })],
  ])('refuses a bundle with %s', async (_, change) => {
    const folder = writeFiles(temporaryFolder(), FILES);
    const bundle = change(await signFolder(folder, { privateKey }));
    expect(await verifySignature(folder, bundle, { publicKey })).toMatchObject([
      { kind: 'bad_bundle', path: null },
    ]);
  });

  it.each<[string, (statement: ReturnType<typeof exampleStatement>) => object | string]>([
    ['is not JSON', () => 'not json'],
    ['is another statement', (it) => ({ ...it, _type: 'https://in-toto.io/Statement/v0.1' })],
    ['has another predicate', (it) => ({ ...it, predicateType: 'https://slsa.dev/provenance/v1' })],
    ['has a false root digest', (it) => ({ ...it, subject: [{ digest: { sha256: sha256('') } }] })],
    ['has two subjects', (it) => ({ ...it, subject: [...it.subject, ...it.subject] })],
    ['names no file', (it) => withResources(it, [])],
    [
      'names a file twice',
      (it) => withResources(it, [...it.predicate.resources, ...it.predicate.resources]),
    ],
    [
      'mixes algorithms',
      (it) =>
        withResources(
          it,
          it.predicate.resources.map((resource) => ({ ...resource, algorithm: 'md5' })),
        ),
    ],
    ['has no known method', (it) => withSerialization(it, { method: 'tensors' })],
    ['has shards without a size', (it) => withSerialization(it, { method: 'shards' })],
  ])('refuses a signed payload that %s', async (_, change) => {
    const folder = writeFiles(temporaryFolder(), { 'a.txt': 'a' });
    const bundle = bundleOf(change(exampleStatement()), pair);
    expect(await verifySignature(folder, bundle, { publicKey })).toMatchObject([
      { kind: 'bad_payload', path: null },
    ]);
  });

  it('refuses a payload of another type', async () => {
    const folder = writeFiles(temporaryFolder(), FILES);
    const bundle = await signFolder(folder, { privateKey });
    const other = withEnvelope(bundle, { payloadType: 'text/plain' });
    expect(await verifySignature(folder, other, { publicKey })).toMatchObject([
      { kind: 'bad_payload' },
    ]);
  });

  it('never looks outside the folder, whatever is signed', async () => {
    const base = writeFiles(temporaryFolder(), { 'a.txt': 'a', 'inner/b.txt': 'b' });
    const digest = sha256('a');
    const statement = withResources(exampleStatement(), [
      { name: '../a.txt', algorithm: 'sha256', digest },
    ]);
    expect(
      await verifySignature(join(base, 'inner'), bundleOf(statement, pair), { publicKey }),
    ).toMatchObject([
      { kind: 'missing', path: '../a.txt' },
      { kind: 'added', path: 'b.txt' },
    ]);
  });
});

describe('verifySignature against model-signing of PyPI', () => {
  const { files, signatures } = z
    .object({
      files: z.record(z.string(), z.base64()),
      signatures: z.array(
        z.object({
          curve: z.string(),
          method: z.string(),
          algorithm: z.string(),
          public_key: z.string(),
          bundle: z.unknown(),
        }),
      ),
    })
    .parse(JSON.parse(readFileSync(join(__dirname, '../fixtures/model-signing.json'), 'utf8')));
  const contents = Object.fromEntries(
    Object.entries(files).map(([name, content]) => [name, Buffer.from(content, 'base64')]),
  );
  const checked = signatures.filter(({ algorithm }) => algorithm !== 'blake3');

  it.each(checked)('accepts its signature: $curve, $method, $algorithm', async (signature) => {
    const folder = writeFiles(temporaryFolder(), contents);
    const options = { publicKey: signature.public_key };
    expect(await verifySignature(folder, signature.bundle, options)).toEqual([]);
  });

  it.each(checked)('refuses any change: $curve, $method, $algorithm', async (signature) => {
    const folder = writeFiles(temporaryFolder(), contents);
    const flipped = Buffer.from(contents['a/b.bin'] ?? []);
    flipped[150] = 0;
    writeFiles(folder, { 'a/b.bin': flipped, 'sub/added': 'x' });
    appendFileSync(join(folder, 'a.txt'), 'x'.repeat(100));
    rmSync(join(folder, 'sub/.gitignore'));
    const options = { publicKey: signature.public_key };
    expect(await verifySignature(folder, signature.bundle, options)).toMatchObject([
      { kind: 'changed', path: 'a.txt' },
      { kind: 'changed', path: 'a/b.bin' },
      { kind: 'missing', path: 'sub/.gitignore' },
      { kind: 'added', path: 'sub/added' },
    ]);
  });

  it('finds a file of which the last shards were cut off', async () => {
    const folder = writeFiles(temporaryFolder(), contents);
    writeFiles(folder, { 'a/b.bin': (contents['a/b.bin'] ?? Buffer.of()).subarray(0, 100) });
    const sharded = signatures.find(({ method }) => method === 'shards');
    const options = { publicKey: sharded?.public_key ?? '' };
    expect(await verifySignature(folder, sharded?.bundle, options)).toMatchObject([
      { kind: 'changed', path: 'a/b.bin' },
    ]);
  });

  it('says that it cannot check BLAKE3, nor shards by hashes of whole files', async () => {
    const folder = writeFiles(temporaryFolder(), contents);
    const blake3 = signatures.find(({ algorithm }) => algorithm === 'blake3');
    const sharded = signatures.find(({ method }) => method === 'shards');
    for (const [target, signature] of [
      [folder, blake3],
      [[{ name: 'a', sha256: sha256('') }], sharded],
    ] as const) {
      const options = { publicKey: signature?.public_key ?? '' };
      expect(await verifySignature(target, signature?.bundle, options)).toMatchObject([
        { kind: 'unsupported', path: null },
      ]);
    }
  });
});

function withEnvelope(bundle: SignatureBundle, change: object): object {
  return { ...bundle, dsseEnvelope: { ...bundle.dsseEnvelope, ...change } };
}

function withResources(
  statement: ReturnType<typeof exampleStatement>,
  resources: object[],
): object {
  const digests = z.array(z.object({ digest: z.string() })).parse(resources);
  return {
    ...statement,
    subject: [{ digest: { sha256: rootDigest(digests.map(({ digest }) => digest)) } }],
    predicate: { ...statement.predicate, resources },
  };
}

function withSerialization(statement: ReturnType<typeof exampleStatement>, change: object): object {
  const serialization = { ...statement.predicate.serialization, ...change };
  return { ...statement, predicate: { ...statement.predicate, serialization } };
}
