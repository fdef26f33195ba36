import { sign, verify } from 'node:crypto';
import { z } from 'zod';
import type { LoadedKey } from './signing-key';

/** The payload type of every in-toto statement. */
export const IN_TOTO_PAYLOAD_TYPE = 'application/vnd.in-toto+json';

/** A DSSE envelope; fields of later versions are let through. @internal */
export const dsseEnvelopeSchema = z.object({
  payload: z.base64(),
  payloadType: z.string(),
  signatures: z.array(z.object({ sig: z.base64(), keyid: z.string().nullish() })).min(1),
});

/** A DSSE envelope, version 1.0: a payload, and signatures over its type and bytes. */
export interface DsseEnvelope {
  /** Base64. */
  readonly payload: string;
  readonly payloadType: string;
  readonly signatures: readonly { readonly sig: string; readonly keyid: string }[];
}

/** Signs a JSON text. `keyid` is what the signature names its key by. */
export function signEnvelope(text: string, loaded: LoadedKey, keyid: string): DsseEnvelope {
  const payload = Buffer.from(text, 'utf8');
  const sig = sign(loaded.digest, preAuthenticationEncoding(payload), loaded.key);
  return {
    payload: payload.toString('base64'),
    payloadType: IN_TOTO_PAYLOAD_TYPE,
    signatures: [{ sig: sig.toString('base64'), keyid }],
  };
}

/** The payload's bytes, if one of the signatures is of this key; else null. */
export function openEnvelope(
  { payload, signatures }: z.infer<typeof dsseEnvelopeSchema>,
  { digest, key }: LoadedKey,
): Buffer | null {
  const bytes = Buffer.from(payload, 'base64');
  const signed = preAuthenticationEncoding(bytes);
  const isSigned = signatures.some(({ sig }) =>
    verify(digest, signed, key, Buffer.from(sig, 'base64')),
  );
  return isSigned ? bytes : null;
}

/** DSSE 1.0, protocol.md: `PAE(type, body)`, with a type of ASCII letters. */
function preAuthenticationEncoding(body: Buffer): Buffer {
  const { length } = IN_TOTO_PAYLOAD_TYPE;
  const head = `DSSEv1 ${length} ${IN_TOTO_PAYLOAD_TYPE} ${body.byteLength} `;
  return Buffer.concat([Buffer.from(head, 'ascii'), body]);
}

/** JSON in UTF-8; undefined for anything else. */
export function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    return undefined;
  }
}
