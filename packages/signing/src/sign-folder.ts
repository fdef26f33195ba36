import { basename, resolve } from 'node:path';
import { DataError } from '@pixelis/core';
import { type DsseEnvelope, signEnvelope } from './dsse';
import { DEFAULT_IGNORED, type FileDigest, makeModelStatement } from './model-statement';
import { type ContentEntry, contentOf, fileDigest, isIgnored } from './signed-content';
import { loadPrivateKey, type SigningKeyOptions } from './signing-key';
import { statementText } from './statement';

/** The name of a signature inside the folder that it signs; no signature covers it. */
export const SIGNATURE_FILE = 'model.sig';

/** The media type of a Sigstore bundle, version 0.3. */
export const BUNDLE_MEDIA_TYPE = 'application/vnd.dev.sigstore.bundle.v0.3+json';

/** A Sigstore bundle, version 0.3, with a DSSE envelope signed by a local key: the JSON of a signature file. */
export interface SignatureBundle {
  readonly mediaType: typeof BUNDLE_MEDIA_TYPE;
  readonly verificationMaterial: {
    readonly publicKey: { readonly hint: string };
    readonly tlogEntries: readonly never[];
  };
  readonly dsseEnvelope: DsseEnvelope;
}

/** How {@link signFolder} signs. */
export interface SignFolderOptions extends SigningKeyOptions {
  /**
   * Paths inside the folder that are not signed, each with all below it: relative, with forward slashes. They are
   * named in the signature. `model.sig` and, at the top, `.git`, `.gitattributes`, `.github` and `.gitignore` never are.
   */
  ignorePaths?: readonly string[];
  /** What the signature calls the folder; it only informs. Default: the folder's name, or `model` for a list. */
  name?: string;
}

/**
 * Signs a folder, or a list of files whose hashes are known, by OpenSSF Model Signing 1.0 (method `files`, SHA-256):
 * every file's name and content. Write the JSON of what is returned to {@link SIGNATURE_FILE} in the folder, or keep it
 * anywhere else. `model-signing` of PyPI verifies it with `verify key`.
 *
 * @throws {DataError} `SIGNING_NOTHING` if there is no file; `SIGNING_NOT_A_FILE` if there is a symbolic link or a special
 * file; or if something cannot be read.
 * @throws {UsageError} `SIGNING_KEY_UNREADABLE`, `SIGNING_KEY_UNSUPPORTED`, `SIGNING_PASSPHRASE_MISSING`,
 * `SIGNING_PASSPHRASE_WRONG`, or `SIGNING_NEEDS_FOLDER` if the target is a file.
 * @throws {RangeError} If an ignored path is not relative with forward slashes, or a listed hash or name is none.
 */
export async function signFolder(
  target: string | readonly FileDigest[],
  options: SignFolderOptions,
): Promise<SignatureBundle> {
  const { ignorePaths = [], name = nameOf(target) } = options;
  ignorePaths.forEach(checkIgnorePath);
  const loaded = loadPrivateKey(options);
  const ignored = [...new Set([SIGNATURE_FILE, ...DEFAULT_IGNORED, ...ignorePaths])].sort();
  const files = await digestsOf(target, ignored);
  const statement = makeModelStatement({ name, files, ignorePaths: ignored });
  return {
    mediaType: BUNDLE_MEDIA_TYPE,
    verificationMaterial: { publicKey: { hint: loaded.hint }, tlogEntries: [] },
    dsseEnvelope: signEnvelope(statementText(statement), loaded, ''),
  };
}

async function digestsOf(
  target: string | readonly FileDigest[],
  ignored: readonly string[],
): Promise<FileDigest[]> {
  const entries = [...contentOf(target)].filter(([name]) => !isIgnored(name, ignored));
  if (entries.length === 0) {
    throw new DataError(`${typeof target === 'string' ? target : 'the list'} has no file to sign`, {
      code: 'SIGNING_NOTHING',
      remedy: 'Sign a folder that holds at least one file that is not ignored.',
    });
  }
  const files: FileDigest[] = [];
  for (const [name, entry] of entries) files.push({ name, sha256: await digestOf(name, entry) });
  return files;
}

async function digestOf(name: string, entry: ContentEntry): Promise<string> {
  if (entry.kind === 'file') return fileDigest(entry.path, { algorithm: 'sha256' });
  if (entry.kind === 'hash') {
    if (/^[0-9a-f]{64}$/.test(entry.sha256) && isRelative(name)) return entry.sha256;
    throw new RangeError(
      `Cannot sign ${JSON.stringify({ name, sha256: entry.sha256 })}: it must be a relative path and 64 hexadecimal digits`,
    );
  }
  throw new DataError(`${name} is neither a file nor a folder`, {
    code: 'SIGNING_NOT_A_FILE',
    remedy: 'Replace symbolic links and special files by real files, or ignore them by name.',
  });
}

function checkIgnorePath(path: string): void {
  if (isRelative(path) && !/[*?[]/.test(path)) return;
  throw new RangeError(
    `Cannot ignore ${JSON.stringify(path)}: it must be a relative path with forward slashes, without "..", "*", "?" and "["`,
  );
}

function isRelative(path: string): boolean {
  return path.split('/').every((segment) => segment !== '' && segment !== '.' && segment !== '..');
}

function nameOf(target: string | readonly FileDigest[]): string {
  return (typeof target === 'string' && basename(resolve(target))) || 'model';
}
