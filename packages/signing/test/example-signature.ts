import { sha256 } from '@pixelis/core';
import { signEnvelope } from '../src/dsse';
import { rootDigest } from '../src/model-statement';
import { loadPrivateKey, type SigningKeyPair } from '../src/signing-key';

/** A bundle around any payload, signed as it stands: what a signer who means ill could make. */
export function bundleOf(payload: object | string, { privateKey, hint }: SigningKeyPair): object {
  const text = typeof payload === 'string' ? payload : JSON.stringify(payload);
  return {
    mediaType: 'application/vnd.dev.sigstore.bundle.v0.3+json',
    verificationMaterial: { publicKey: { hint }, tlogEntries: [] },
    dsseEnvelope: signEnvelope(text, loadPrivateKey({ privateKey }), ''),
  };
}

/** A statement about one file, `a.txt`, with the content `a`. */
export function exampleStatement(): {
  _type: string;
  subject: object[];
  predicateType: string;
  predicate: { resources: object[]; serialization: Record<string, unknown> };
} {
  const digest = sha256('a');
  return {
    _type: 'https://in-toto.io/Statement/v1',
    subject: [{ name: 'example', digest: { sha256: rootDigest([digest]) } }],
    predicateType: 'https://model_signing/signature/v1.0',
    predicate: {
      resources: [{ name: 'a.txt', algorithm: 'sha256', digest }],
      serialization: { method: 'files', hash_type: 'sha256', allow_symlinks: false },
    },
  };
}
