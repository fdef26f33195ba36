/**
 * What is wrong with a signature, or with what it signs:
 * - `bad_bundle`: not a Sigstore bundle with a DSSE envelope, as OpenSSF Model Signing wants it
 * - `wrong_key`: made with another key than the one given
 * - `bad_signature`: the key did not sign this payload
 * - `bad_payload`: signed, but not a statement of the kind wanted, or one that contradicts itself
 * - `unsupported`: signed in a way that this version cannot check, such as BLAKE3 digests
 * - `changed`, `missing`, `added`: a file is not as it was signed, is gone, or was not signed
 * - `not_a_file`: a symbolic link or a special file, which a signature never covers
 */
export type SignatureProblemKind =
  | 'bad_bundle'
  | 'wrong_key'
  | 'bad_signature'
  | 'bad_payload'
  | 'unsupported'
  | 'changed'
  | 'missing'
  | 'added'
  | 'not_a_file';

/** A reason not to trust a signature. */
export interface SignatureProblem {
  readonly kind: SignatureProblemKind;
  /** The file, relative to the folder with forward slashes; null where the signature itself is at fault. */
  readonly path: string | null;
  readonly message: string;
}

/** A problem of the signature itself. */
export function signatureProblem(kind: SignatureProblemKind, message: string): SignatureProblem {
  return { kind, path: null, message };
}

/** A problem of one file. */
export function fileProblem(
  kind: SignatureProblemKind,
  path: string,
  message: string,
): SignatureProblem {
  return { kind, path, message };
}
