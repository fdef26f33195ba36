import { canonicalJson, type JsonValue } from '@pixelis/core';
import { z } from 'zod';
import {
  type DsseEnvelope,
  dsseEnvelopeSchema,
  IN_TOTO_PAYLOAD_TYPE,
  openEnvelope,
  parseJson,
  signEnvelope,
} from './dsse';
import { type SignatureProblem, signatureProblem } from './signature-problem';
import { loadPrivateKey, loadPublicKey, type SigningKeyOptions } from './signing-key';

/** The `_type` of an in-toto statement, version 1. */
export const STATEMENT_TYPE = 'https://in-toto.io/Statement/v1';

/** @internal */
export const statementSchema = z.object({
  _type: z.literal(STATEMENT_TYPE),
  subject: z
    .array(
      z.object({
        name: z.string().optional(),
        digest: z
          .record(z.string(), z.string().regex(/^[0-9a-f]+$/))
          .refine((digests) => Object.keys(digests).length > 0),
      }),
    )
    .min(1),
  predicateType: z.string().min(1),
  predicate: z.record(z.string(), z.json()),
});

/** An in-toto statement, version 1, such as SLSA provenance: what a predicate says of its subjects. */
export type InTotoStatement = z.infer<typeof statementSchema>;

/** How {@link verifyStatement} checks. */
export interface VerifyStatementOptions {
  /** The signer's key in PEM, or the path of a file that holds it. */
  publicKey: string;
}

/** What {@link verifyStatement} found. */
export interface StatementVerification {
  /** What was signed; null unless the signature is good and the statement well formed. */
  readonly statement: InTotoStatement | null;
  readonly problems: readonly SignatureProblem[];
}

/**
 * Signs an in-toto statement, such as the SLSA provenance of a run, into a DSSE envelope. The payload is canonical JSON
 * (RFC 8785); `keyid` is the SHA-256 of the public key's PEM text.
 *
 * @throws {TypeError} If the value is not an in-toto statement, version 1.
 * @throws {UsageError} `SIGNING_KEY_UNREADABLE`, `SIGNING_KEY_UNSUPPORTED`, `SIGNING_PASSPHRASE_MISSING` or
 * `SIGNING_PASSPHRASE_WRONG`.
 * @throws {DataError} If the key's file cannot be read.
 */
export function signStatement(statement: object, options: SigningKeyOptions): DsseEnvelope {
  const parsed = statementSchema.safeParse(statement);
  if (!parsed.success) {
    throw new TypeError(
      `Cannot sign the value: it must be an in-toto statement: ${issueText(parsed.error)}`,
    );
  }
  const loaded = loadPrivateKey(options);
  return signEnvelope(statementText(parsed.data), loaded, loaded.hint);
}

/** Canonical JSON; a subject without a name has none. @internal */
export function statementText({ subject, ...rest }: InTotoStatement): string {
  const subjects = subject.map(({ name, digest }): JsonValue =>
    name === undefined ? { digest } : { name, digest },
  );
  return canonicalJson({ ...rest, subject: subjects });
}

/**
 * Checks a DSSE envelope that holds an in-toto statement. Whether its subjects are the files at hand is for the caller
 * to compare: their digests are in `statement.subject`.
 *
 * @param envelope The envelope's JSON value.
 * @throws {UsageError} `SIGNING_KEY_UNREADABLE` or `SIGNING_KEY_UNSUPPORTED`.
 * @throws {DataError} If the key's file cannot be read.
 */
export function verifyStatement(
  envelope: unknown,
  { publicKey }: VerifyStatementOptions,
): StatementVerification {
  const loaded = loadPublicKey(publicKey);
  const parsed = dsseEnvelopeSchema.safeParse(envelope);
  if (!parsed.success) return refused('bad_bundle', `is no envelope: ${issueText(parsed.error)}`);
  const { payloadType, signatures } = parsed.data;
  if (payloadType !== IN_TOTO_PAYLOAD_TYPE)
    return refused('bad_payload', `holds ${payloadType}, not ${IN_TOTO_PAYLOAD_TYPE}`);
  const bytes = openEnvelope(parsed.data, loaded);
  if (bytes === null) {
    const isOther = signatures.every(({ keyid }) => Boolean(keyid) && keyid !== loaded.hint);
    return isOther
      ? refused('wrong_key', 'was signed with another key')
      : refused('bad_signature', 'the signature does not match the payload');
  }
  const statement = statementSchema.safeParse(parseJson(bytes));
  return statement.success
    ? { statement: statement.data, problems: [] }
    : refused('bad_payload', `is no in-toto statement: ${issueText(statement.error)}`);
}

function refused(kind: SignatureProblem['kind'], message: string): StatementVerification {
  return { statement: null, problems: [signatureProblem(kind, message)] };
}

/** The first thing that a schema found wrong. @internal */
export function issueText({ issues: [issue] }: z.ZodError): string {
  return issue === undefined ? '' : `${issue.path.map(String).join('.')}: ${issue.message}`;
}
