/** A content by its address. */
export interface ContentReference {
  /** SHA-256 of the content as it was put (never of a compressed or cut form), 64 lower-case hex digits. */
  readonly sha256: string;
  /** Length of the content as it was put. */
  readonly bytes: number;
}

/** Options of `ContentStore.open`. */
export interface ContentStoreOptions {
  /** Whether large contents are cut into chunks, which contents then share. Addresses do not depend on it. @default 'auto' */
  chunking?: 'auto' | 'none';
  /** How new content is compressed, where that saves space. Any store reads any form. @default 'none' */
  compression?: 'none' | 'zstd';
  /** The clock: times of contents and the age from which they may be collected. @default () => new Date() */
  now?: () => Date;
}

/** Options of `ContentStore.getFile`. */
export interface GetFileOptions {
  /** Whether the file is on the disk itself when the call returns, so that it outlives a power cut, too. Takes longer. @default false */
  isDurable?: boolean;
}

/** How far a verification is. */
export interface VerificationProgress {
  readonly doneBytes: number;
  readonly totalBytes: number;
}

/** Options of `ContentStore.verify`. */
export interface VerifyOptions {
  /** Whether what is damaged is moved to quarantine, so that a new put of the content heals it. @default true */
  isRepairing?: boolean;
  /** Called after each file. @default nothing */
  onProgress?: (progress: VerificationProgress) => void;
}

/** A content that cannot be read whole. */
export interface DamagedContent {
  readonly sha256: string;
  /** What is wrong, a line each, such as `chunk <address> is missing`. */
  readonly reasons: readonly string[];
}

/** What a verification found. */
export interface StoreVerification {
  readonly isIntact: boolean;
  /** Whole contents that were looked at. */
  readonly contentCount: number;
  /** Bytes on the disk that were looked at. */
  readonly bytes: number;
  /** Sorted by address. */
  readonly damaged: readonly DamagedContent[];
  /** Damaged files, relative to the store's folder: where they lie, or, if repairing, where they lay. */
  readonly damagedFiles: readonly string[];
}

/** Options of `ContentStore.collect`. */
export interface CollectOptions {
  /** Addresses of all contents that are wanted. */
  live: Iterable<string> | AsyncIterable<string>;
  /** What was put or put again within this time is kept. Must be longer than the longest put with what records it. @default 86,400,000, a day */
  gracePeriodMs?: number;
  /** Whether to mark and take. False is a dry run, which changes nothing. @default false */
  isApplied?: boolean;
}

/** A file of the store that is not wanted. */
export interface CollectedFile {
  readonly kind: 'content' | 'chunk';
  readonly sha256: string;
  /** Length on the disk. */
  readonly bytes: number;
}

/** What a collection did, or, as a dry run, would do. */
export interface CollectionReport {
  readonly isApplied: boolean;
  /** Not wanted, and left for a later run to take. */
  readonly marked: readonly CollectedFile[];
  /** Removed: not wanted by this run nor by an earlier one that marked it. */
  readonly taken: readonly CollectedFile[];
  /** Wanted addresses that the store does not hold. */
  readonly missing: readonly string[];
  readonly markedBytes: number;
  readonly takenBytes: number;
}
