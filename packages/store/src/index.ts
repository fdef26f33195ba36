export { ContentStore } from './content-store';
export type {
  CollectedFile,
  CollectionReport,
  CollectOptions,
  ContentReference,
  ContentStoreOptions,
  DamagedContent,
  GetFileOptions,
  StoreVerification,
  VerificationProgress,
  VerifyOptions,
} from './types';
