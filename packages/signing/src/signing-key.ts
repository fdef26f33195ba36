import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
} from 'node:crypto';
import { sha256, UsageError } from '@pixelis/core';
import { readFileSync } from 'node:fs';
import { onDisk } from './on-disk';

/** The curves of NIST that OpenSSF Model Signing takes (FIPS 186-5), each with the digest that it signs. */
const CURVES = {
  'P-256': { openSslName: 'prime256v1', digest: 'sha256' },
  'P-384': { openSslName: 'secp384r1', digest: 'sha384' },
  'P-521': { openSslName: 'secp521r1', digest: 'sha512' },
} as const;

/** The name of an elliptic curve. */
export type SigningCurve = keyof typeof CURVES;

/** How a private key is found. */
export interface SigningKeyOptions {
  /** The key in PEM (PKCS #8 or SEC 1), or the path of a file that holds it. */
  privateKey: string;
  /** What the key is encrypted with; needed for a key that is encrypted, and only for that. */
  passphrase?: string;
}

/** How {@link generateSigningKey} makes a key. */
export interface GenerateSigningKeyOptions {
  /** Default: P-256. */
  curve?: SigningCurve;
  /** Encrypts the private key (PKCS #8, AES-256-CBC). Default: it is not encrypted. */
  passphrase?: string;
}

/** A new pair of keys. */
export interface SigningKeyPair {
  /** PKCS #8 in PEM. Keep it secret: give the file mode 0600. */
  readonly privateKey: string;
  /** SubjectPublicKeyInfo in PEM, to be given to whoever verifies. */
  readonly publicKey: string;
  /** SHA-256 of the public key's PEM text, by which signatures name their key. */
  readonly hint: string;
}

/** A key that is ready to use. @internal */
export interface LoadedKey {
  readonly key: KeyObject;
  readonly digest: string;
  readonly hint: string;
}

/** Makes an elliptic-curve key for {@link signFolder} and {@link signStatement}. */
export function generateSigningKey({
  curve = 'P-256',
  passphrase,
}: GenerateSigningKeyOptions = {}): SigningKeyPair {
  const pair = generateKeyPairSync('ec', { namedCurve: CURVES[curve].openSslName });
  const encryption = passphrase === undefined ? {} : { cipher: 'aes-256-cbc', passphrase };
  return {
    privateKey: pair.privateKey.export({ type: 'pkcs8', format: 'pem', ...encryption }).toString(),
    publicKey: pemOf(pair.publicKey),
    hint: hintOf(pair.publicKey),
  };
}

/** Reads a private key. @throws As {@link signFolder} does. */
export function loadPrivateKey({ privateKey, passphrase }: SigningKeyOptions): LoadedKey {
  const pem = pemText(privateKey);
  const isEncrypted = pem.includes('ENCRYPTED');
  if (isEncrypted && passphrase === undefined) {
    throw new UsageError(`the private key ${nameOf(privateKey)} is encrypted`, {
      code: 'SIGNING_PASSPHRASE_MISSING',
      remedy:
        'Give the passphrase that it is encrypted with; pixelis takes it from PIXELIS_KEY_PASSPHRASE.',
    });
  }
  let key: KeyObject;
  try {
    key = createPrivateKey(passphrase === undefined ? pem : { key: pem, passphrase });
  } catch (error) {
    throw isEncrypted ? wrongPassphrase(privateKey, error) : unreadable(privateKey, error);
  }
  return { key, digest: digestOf(key, privateKey), hint: hintOf(createPublicKey(key)) };
}

/**
 * Checks that there is such a public key, without anything to verify by it.
 *
 * @param publicKey Path of a PEM file, or its text.
 * @throws {UsageError} `SIGNING_KEY_UNREADABLE` or `SIGNING_KEY_UNSUPPORTED`.
 * @throws {DataError} If the file cannot be read.
 */
export function checkPublicKey(publicKey: string): void {
  loadPublicKey(publicKey);
}

/** Reads a public key. @throws As {@link verifySignature} does. */
export function loadPublicKey(publicKey: string): LoadedKey {
  const pem = pemText(publicKey);
  let key: KeyObject;
  try {
    key = createPublicKey(pem);
  } catch (error) {
    throw unreadable(publicKey, error);
  }
  return { key, digest: digestOf(key, publicKey), hint: hintOf(key) };
}

function pemText(pathOrPem: string): string {
  return isPem(pathOrPem) ? pathOrPem : onDisk(pathOrPem, () => readFileSync(pathOrPem, 'utf8'));
}

function isPem(pathOrPem: string): boolean {
  return pathOrPem.includes('-----BEGIN');
}

/** A key's own text never gets into a message. */
function nameOf(pathOrPem: string): string {
  return isPem(pathOrPem) ? 'given as text' : pathOrPem;
}

function digestOf(key: KeyObject, pathOrPem: string): string {
  const found = key.asymmetricKeyDetails?.namedCurve ?? key.asymmetricKeyType ?? 'unknown';
  const curve = Object.values(CURVES).find(({ openSslName }) => openSslName === found);
  if (key.asymmetricKeyType === 'ec' && curve !== undefined) return curve.digest;
  throw new UsageError(`the key ${nameOf(pathOrPem)} is of type ${found}`, {
    code: 'SIGNING_KEY_UNSUPPORTED',
    remedy: `Use an elliptic-curve key on one of ${Object.keys(CURVES).join(', ')}.`,
  });
}

function wrongPassphrase(pathOrPem: string, cause: unknown): UsageError {
  return new UsageError(`the private key ${nameOf(pathOrPem)} cannot be decrypted`, {
    code: 'SIGNING_PASSPHRASE_WRONG',
    remedy: 'Check the passphrase.',
    cause,
  });
}

function unreadable(pathOrPem: string, cause: unknown): UsageError {
  return new UsageError(`the key ${nameOf(pathOrPem)} is not a key in PEM`, {
    code: 'SIGNING_KEY_UNREADABLE',
    remedy: 'Give the path of a PEM file that holds one elliptic-curve key.',
    cause,
  });
}

/** As `model-signing` computes it, so that both know each other's keys. */
function hintOf(publicKey: KeyObject): string {
  return sha256(pemOf(publicKey));
}

function pemOf(publicKey: KeyObject): string {
  return publicKey.export({ type: 'spki', format: 'pem' }).toString();
}
