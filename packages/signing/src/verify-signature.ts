import { statSync } from 'node:fs';
import { z } from 'zod';
import { dsseEnvelopeSchema, IN_TOTO_PAYLOAD_TYPE, openEnvelope, parseJson } from './dsse';
import {
  DEFAULT_IGNORED,
  type FileDigest,
  type ModelStatement,
  modelStatementSchema,
  rootDigest,
} from './model-statement';
import { onDisk } from './on-disk';
import { BUNDLE_MEDIA_TYPE, SIGNATURE_FILE } from './sign-folder';
import { fileProblem, type SignatureProblem, signatureProblem } from './signature-problem';
import {
  type ByteRange,
  type ContentEntry,
  contentOf,
  fileDigest,
  isIgnored,
} from './signed-content';
import { type LoadedKey, loadPublicKey } from './signing-key';
import { issueText } from './statement';

/** How {@link verifySignature} checks. */
export interface VerifySignatureOptions {
  /** The signer's key in PEM, or the path of a file that holds it. */
  publicKey: string;
  /**
   * Paths that may be there although they were not signed, each with all below it; for signatures of `model-signing`
   * before 1.1.0, which do not name what they ignore. Default: none but those that the signature names.
   */
  ignorePaths?: readonly string[];
}

type Serialization = ModelStatement['predicate']['serialization'];

/** The digests of a file by the part that each is of; `''` stands for the whole file. */
type SignedParts = Map<string, string>;

const bundleSchema = z.object({
  mediaType: z.literal(BUNDLE_MEDIA_TYPE),
  verificationMaterial: z.object({
    /** Before version 1.1.0, `model-signing` wrote the key itself instead of a hint. */
    publicKey: z.object({ hint: z.string().nullish() }),
  }),
  dsseEnvelope: dsseEnvelopeSchema,
});

/** Node's names of the digests; BLAKE3 it has not. */
const ALGORITHMS = { sha256: 'sha256', blake2b: 'blake2b512', blake3: null } as const;

/**
 * Checks a signature of OpenSSF Model Signing 1.0 that a local key made (methods `files` and `shards`, digests SHA-256
 * and BLAKE2b) and that a folder, or a list of files whose hashes are known, is as it was signed. What the signature
 * itself says is looked at only once it is proved to be the key's.
 *
 * Files that were not signed are problems, except the signature file, what the signature names as ignored and, at the
 * top, `.git`, `.gitattributes`, `.github` and `.gitignore`. Symbolic links are not followed.
 *
 * @param bundle The signature file's JSON value.
 * @returns All problems at once; none if every file is as it was signed, and there is no other.
 * @throws {UsageError} `SIGNING_KEY_UNREADABLE`, `SIGNING_KEY_UNSUPPORTED`, or `SIGNING_NEEDS_FOLDER` if the target is a file.
 * @throws {DataError} If the folder or the key's file cannot be read.
 */
export async function verifySignature(
  target: string | readonly FileDigest[],
  bundle: unknown,
  { publicKey, ignorePaths = [] }: VerifySignatureOptions,
): Promise<SignatureProblem[]> {
  const statement = openBundle(bundle, loadPublicKey(publicKey));
  if (Array.isArray(statement)) return statement;
  const { resources, serialization } = statement.predicate;
  const algorithm = ALGORITHMS[serialization.hash_type];
  if (algorithm === null)
    return [signatureProblem('unsupported', `its digests are ${serialization.hash_type}`)];

  const signed = new Map<string, SignedParts>();
  for (const { name, digest } of resources) {
    const [file, part] = partOf(name, serialization);
    signed.set(file, (signed.get(file) ?? new Map<string, string>()).set(part, digest));
  }
  const content = contentOf(target);
  if (typeof target !== 'string' && !(algorithm === 'sha256' && serialization.method === 'files'))
    return [signatureProblem('unsupported', 'it does not hold the SHA-256 of whole files')];

  const ignored = [
    SIGNATURE_FILE,
    ...DEFAULT_IGNORED,
    ...(serialization.ignore_paths ?? []),
    ...ignorePaths,
  ];
  const problems = [...content]
    .filter(([name]) => !signed.has(name) && !isIgnored(name, ignored))
    .filter(([, entry]) => !(serialization.method === 'shards' && isEmptyFile(entry)))
    .map(([name, entry]) => addedProblem(name, entry));
  for (const [name, parts] of signed) {
    const problem = await compare(name, {
      entry: content.get(name),
      parts,
      serialization,
      algorithm,
    });
    if (problem !== null) problems.push(problem);
  }
  return problems.sort((a, b) => ((a.path ?? '') < (b.path ?? '') ? -1 : 1));
}

/** What was signed, once it is proved that it was. */
function openBundle(bundle: unknown, loaded: LoadedKey): ModelStatement | SignatureProblem[] {
  const parsed = bundleSchema.safeParse(bundle);
  if (!parsed.success) return refused('bad_bundle', `is no bundle: ${issueText(parsed.error)}`);
  const { dsseEnvelope, verificationMaterial } = parsed.data;
  const { hint } = verificationMaterial.publicKey;
  if (hint !== undefined && hint !== null && hint !== loaded.hint)
    return refused('wrong_key', `names the key ${hint}, not ${loaded.hint}`);
  const { payloadType } = dsseEnvelope;
  if (payloadType !== IN_TOTO_PAYLOAD_TYPE)
    return refused('bad_payload', `holds ${payloadType}, not ${IN_TOTO_PAYLOAD_TYPE}`);
  const bytes = openEnvelope(dsseEnvelope, loaded);
  if (bytes === null) return refused('bad_signature', 'the signature does not match the payload');
  const statement = modelStatementSchema.safeParse(parseJson(bytes));
  if (!statement.success)
    return refused('bad_payload', `signs no folder: ${issueText(statement.error)}`);
  const contradiction = contradictionIn(statement.data);
  return contradiction === null ? statement.data : refused('bad_payload', contradiction);
}

function contradictionIn({ subject, predicate }: ModelStatement): string | null {
  const { resources, serialization } = predicate;
  if (rootDigest(resources.map(({ digest }) => digest)) !== subject[0]?.digest.sha256)
    return 'its root digest is not that of its files';
  if (new Set(resources.map(({ name }) => name)).size !== resources.length)
    return 'it names a file twice';
  const algorithms = algorithmNames(serialization);
  if (!resources.every(({ algorithm }) => algorithms.includes(algorithm)))
    return `not all its digests are ${serialization.hash_type}`;
  return null;
}

/** `model-signing` 1.1.1 adds the size of the shards, which the specification does not. */
function algorithmNames(serialization: Serialization): string[] {
  const { hash_type, method } = serialization;
  return method === 'files'
    ? [hash_type]
    : [hash_type, `${hash_type}-sharded-${serialization.shard_size}`];
}

/** The file that a resource is of, and which part of it (section 6.3.2: `<path>:<start>:<end>`). */
function partOf(name: string, { method }: Serialization): [string, string] {
  const found = method === 'shards' ? /^(.+):(\d+:\d+)$/s.exec(name) : null;
  return [found?.[1] ?? name, found?.[2] ?? ''];
}

function addedProblem(name: string, entry: ContentEntry): SignatureProblem {
  return entry.kind === 'other' ? notAFile(name) : fileProblem('added', name, 'was not signed');
}

/** Signatures by shards cannot name a file without bytes. */
function isEmptyFile(entry: ContentEntry): boolean {
  return entry.kind === 'file' && onDisk(entry.path, () => statSync(entry.path)).size === 0;
}

interface Comparison {
  entry: ContentEntry | undefined;
  parts: SignedParts;
  serialization: Serialization;
  algorithm: string;
}

async function compare(
  name: string,
  { entry, parts, serialization, algorithm }: Comparison,
): Promise<SignatureProblem | null> {
  if (entry === undefined) return fileProblem('missing', name, 'is missing');
  if (entry.kind === 'other') return notAFile(name);
  const changed = fileProblem('changed', name, 'was changed since it was signed');
  if (entry.kind === 'hash') return parts.get('') === entry.sha256 ? null : changed;
  const ranges = rangesOf(entry.path, serialization);
  if (ranges.length !== parts.size) return changed;
  for (const [part, range] of ranges) {
    const digest = await fileDigest(entry.path, { algorithm, ...(range && { range }) });
    if (parts.get(part) !== digest) return changed;
  }
  return null;
}

/** The parts that a file is hashed by. */
function rangesOf(path: string, serialization: Serialization): [string, ByteRange | null][] {
  if (serialization.method === 'files') return [['', null]];
  const { size } = onDisk(path, () => statSync(path));
  const { shard_size: step } = serialization;
  return Array.from({ length: Math.ceil(size / step) }, (_, index) => {
    const [start, end] = [index * step, Math.min(size, (index + 1) * step)];
    return [`${start}:${end}`, { start, end }];
  });
}

function notAFile(name: string): SignatureProblem {
  return fileProblem('not_a_file', name, 'is neither a file nor a folder');
}

function refused(kind: SignatureProblem['kind'], message: string): SignatureProblem[] {
  return [signatureProblem(kind, message)];
}
