import { createHash } from 'node:crypto';
import { z } from 'zod';
import { type InTotoStatement, STATEMENT_TYPE, statementSchema } from './statement';

/** The predicate type of OpenSSF Model Signing 1.0. */
export const MODEL_SIGNING_PREDICATE = 'https://model_signing/signature/v1.0';

/** What is left out of every signature, as the specification says (section 6.2): top-level names. */
export const DEFAULT_IGNORED: readonly string[] = [
  '.git',
  '.gitattributes',
  '.github',
  '.gitignore',
];

const hashType = z.enum(['sha256', 'blake2b', 'blake3']);

/** OpenSSF Model Signing 1.0, section 5: the statement of a signed folder. @internal */
export const modelStatementSchema = statementSchema.extend({
  subject: z
    .array(z.object({ name: z.string().optional(), digest: z.object({ sha256: z.string() }) }))
    .length(1),
  predicateType: z.literal(MODEL_SIGNING_PREDICATE),
  predicate: z.object({
    resources: z
      .array(
        z.object({
          name: z.string().min(1),
          digest: z.string().regex(/^(?:[0-9a-f]{2})+$/),
          algorithm: z.string(),
        }),
      )
      .min(1),
    serialization: z.discriminatedUnion('method', [
      z.object({ method: z.literal('files'), ...commonSerialization() }),
      z.object({
        method: z.literal('shards'),
        shard_size: z.int().min(1),
        ...commonSerialization(),
      }),
    ]),
  }),
});

/** @internal */
export type ModelStatement = z.infer<typeof modelStatementSchema>;

function commonSerialization() {
  return {
    hash_type: hashType,
    allow_symlinks: z.boolean(),
    ignore_paths: z.array(z.string()).optional(),
  };
}

/** A file and its hash, for signing what is not in a folder, such as a version in the store. */
export interface FileDigest {
  /** Relative, with forward slashes. */
  readonly name: string;
  /** 64 lower-case hexadecimal digits. */
  readonly sha256: string;
}

/** What {@link makeModelStatement} is made of. */
interface ModelStatementParts {
  /** Only informs: verification does not look at it. */
  name: string;
  files: readonly FileDigest[];
  ignorePaths: readonly string[];
}

/** The statement that a signature signs: every file by its whole content. */
export function makeModelStatement({
  name,
  files,
  ignorePaths,
}: ModelStatementParts): InTotoStatement {
  const sorted = files.toSorted((a, b) => Buffer.compare(Buffer.from(a.name), Buffer.from(b.name)));
  return {
    _type: STATEMENT_TYPE,
    subject: [{ name, digest: { sha256: rootDigest(sorted.map(({ sha256 }) => sha256)) } }],
    predicateType: MODEL_SIGNING_PREDICATE,
    predicate: {
      resources: sorted.map((file) => ({
        name: file.name,
        digest: file.sha256,
        algorithm: 'sha256',
      })),
      serialization: {
        method: 'files',
        hash_type: 'sha256',
        allow_symlinks: false,
        ignore_paths: [...ignorePaths],
      },
    },
  };
}

/** Section 6.5.1: the SHA-256 of the raw digests, one after another. */
export function rootDigest(digests: readonly string[]): string {
  const hash = createHash('sha256');
  for (const digest of digests) hash.update(digest, 'hex');
  return hash.digest('hex');
}
