export type { DsseEnvelope } from './dsse';
export { type FileDigest, MODEL_SIGNING_PREDICATE } from './model-statement';
export {
  BUNDLE_MEDIA_TYPE,
  SIGNATURE_FILE,
  signFolder,
  type SignatureBundle,
  type SignFolderOptions,
} from './sign-folder';
export type { SignatureProblem, SignatureProblemKind } from './signature-problem';
export {
  checkPublicKey,
  generateSigningKey,
  type GenerateSigningKeyOptions,
  type SigningCurve,
  type SigningKeyOptions,
  type SigningKeyPair,
} from './signing-key';
export {
  type InTotoStatement,
  signStatement,
  STATEMENT_TYPE,
  type StatementVerification,
  verifyStatement,
  type VerifyStatementOptions,
} from './statement';
export { verifySignature, type VerifySignatureOptions } from './verify-signature';
