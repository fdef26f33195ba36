import { execFile } from 'node:child_process';
import { appendFileSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import {
  generateSigningKey,
  SIGNATURE_FILE,
  signFolder,
  type SigningCurve,
  verifySignature,
} from '../../src/index';
import { useTemporaryFolder, writeFiles } from '../temporary-folder';

const PYTHON = join(process.env.PIXELIS_SERVICES ?? '', 'standards', 'bin', 'python');
const FILES = {
  'manifest.json': '{}',
  'a.txt': 'a',
  'a/b.bin': new Uint8Array(3_000_000).fill(7),
  'a/\u00e9\ufb01\u{1f600}.txt': 'names',
  empty: '',
  '.hidden/x': 'x',
  'sub/.gitignore': 'x',
};
const CURVES: SigningCurve[] = ['P-256', 'P-384', 'P-521'];

const temporaryFolder = useTemporaryFolder();

describe.each(CURVES)('model-signing of PyPI, with a key on %s', (curve) => {
  it('accepts a folder that we signed, moved elsewhere, and refuses any change', async () => {
    const { folder, publicKeyFile, bundle } = await signedFolder(curve);
    expect(bundle.verificationMaterial.publicKey.hint).toMatch(/^[0-9a-f]{64}$/);
    const moved = `${folder}-moved`;
    renameSync(folder, moved);
    const verify = ['verify', 'key', moved, '--signature', join(moved, SIGNATURE_FILE)];
    const args = [...verify, '--public_key', publicKeyFile];
    expect(await modelSigning(args)).toContain('Verification succeeded');

    const changes: [() => void, () => void, RegExp][] = [
      [() => appendFileSync(join(moved, 'a.txt'), '!'), () => restore(moved), /Hash mismatch/],
      [() => rmSync(join(moved, 'empty')), () => restore(moved), /Missing files/],
      [
        () => writeFiles(moved, { 'a/new': '' }),
        () => rmSync(join(moved, 'a/new')),
        /Extra files found/,
      ],
    ];
    for (const [change, undo, message] of changes) {
      change();
      await expect(modelSigning(args)).rejects.toMatchObject({
        stderr: expect.stringMatching(message) as unknown,
      });
      undo();
    }
    expect(await modelSigning(args)).toContain('Verification succeeded');
  });

  it('refuses our signature with another key, and a forged payload', async () => {
    const { folder, publicKeyFile } = await signedFolder(curve);
    const signature = join(folder, SIGNATURE_FILE);
    const verify = ['verify', 'key', folder, '--signature', signature, '--public_key'];
    const other = generateSigningKey({ curve });
    writeFiles(`${folder}-keys`, { 'other.pem': other.publicKey });
    await expect(
      modelSigning([...verify, join(`${folder}-keys`, 'other.pem')]),
    ).rejects.toMatchObject({ stderr: expect.stringContaining('Key mismatch') as unknown });

    const bundle = JSON.parse(readFileSync(signature, 'utf8')) as {
      dsseEnvelope: { payload: string };
    };
    const payload = Buffer.from(bundle.dsseEnvelope.payload, 'base64').toString();
    bundle.dsseEnvelope.payload = Buffer.from(payload.replace('a.txt', 'b.txt')).toString('base64');
    writeFiles(folder, { [SIGNATURE_FILE]: JSON.stringify(bundle) });
    await expect(modelSigning([...verify, publicKeyFile])).rejects.toMatchObject({ code: 1 });
  });

  it('signs a folder that we accept, and refuse once it is changed', async () => {
    const folder = writeFiles(join(temporaryFolder(), 'theirs'), FILES);
    const keys = generateSigningKey({ curve });
    writeFiles(`${folder}-keys`, { 'key.pem': keys.privateKey });
    const signature = join(folder, 'model.sig');
    const sign = ['sign', 'key', folder, '--signature', signature, '--private_key'];
    expect(await modelSigning([...sign, join(`${folder}-keys`, 'key.pem')])).toContain('succeeded');
    const bundle: unknown = JSON.parse(readFileSync(signature, 'utf8'));
    expect(await verifySignature(folder, bundle, keys)).toEqual([]);
    appendFileSync(join(folder, 'a.txt'), '!');
    rmSync(join(folder, 'empty'));
    writeFiles(folder, { new: '' });
    expect(await verifySignature(folder, bundle, keys)).toMatchObject([
      { kind: 'changed', path: 'a.txt' },
      { kind: 'missing', path: 'empty' },
      { kind: 'added', path: 'new' },
    ]);
  });
});

describe('in-toto-attestation of PyPI', () => {
  it('finds our statement to be one of in-toto', async () => {
    const { folder, bundle } = await signedFolder('P-256');
    writeFiles(folder, { 'payload.json': Buffer.from(bundle.dsseEnvelope.payload, 'base64') });
    const script = [
      'import json, sys',
      'from google.protobuf import json_format',
      'from in_toto_attestation.v1 import statement, statement_pb2',
      'parsed = json_format.Parse(open(sys.argv[1]).read(), statement_pb2.Statement())',
      'statement.Statement.copy_from_pb(parsed).validate()',
      'print(parsed.predicate_type)',
    ];
    const { stdout } = await promisify(execFile)(PYTHON, [
      '-c',
      script.join('\n'),
      join(folder, 'payload.json'),
    ]);
    expect(stdout.trim()).toBe('https://model_signing/signature/v1.0');
  });
});

async function signedFolder(curve: SigningCurve) {
  const folder = writeFiles(join(temporaryFolder(), 'ours'), FILES);
  const { privateKey, publicKey } = generateSigningKey({ curve });
  writeFiles(`${folder}-keys`, { 'key.pub': publicKey });
  const bundle = await signFolder(folder, { privateKey });
  writeFiles(folder, { [SIGNATURE_FILE]: JSON.stringify(bundle) });
  return { folder, bundle, publicKeyFile: join(`${folder}-keys`, 'key.pub') };
}

function restore(folder: string): void {
  writeFiles(folder, { 'a.txt': FILES['a.txt'], empty: FILES.empty });
}

async function modelSigning(args: readonly string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(PYTHON, ['-m', 'model_signing', ...args]);
  return stdout;
}
