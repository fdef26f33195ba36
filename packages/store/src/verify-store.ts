import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import {
  explainSystemError,
  isSystemError,
  renamePersistentlySync,
  sha256 as sha256Of,
} from '@pixelis/core';
import { type ContentReader, openedFile, pieceBytes } from './content-reader';
import { ifPresent, makeFolder, modifiedMs } from './disk';
import { flatNameOf, type Layout, type StoredFile } from './layout';
import { fileSlices } from './slices';
import { storedFiles } from './stored-files';
import type { ContentReference, DamagedContent, StoreVerification, VerifyOptions } from './types';

/** What {@link verifyStore} works with. */
export interface VerifyContext {
  readonly layout: Layout;
  readonly reader: ContentReader;
}

/** Reads every byte of a store and compares it with the addresses. */
export async function verifyStore(
  context: VerifyContext,
  options: VerifyOptions,
): Promise<StoreVerification> {
  return new Verification(context, options).run();
}

class Verification {
  readonly #layout: Layout;
  readonly #reader: ContentReader;
  readonly #isRepairing: boolean;
  readonly #onProgress: VerifyOptions['onProgress'];
  readonly #reasons = new Map<string, string[]>();
  readonly #contents = new Set<string>();
  readonly #damagedChunks = new Set<string>();
  readonly #damagedFiles: string[] = [];
  #totalBytes = 0;
  #doneBytes = 0;

  constructor({ layout, reader }: VerifyContext, options: VerifyOptions) {
    this.#layout = layout;
    this.#reader = reader;
    this.#isRepairing = options.isRepairing ?? true;
    this.#onProgress = options.onProgress;
  }

  async run(): Promise<StoreVerification> {
    if (this.#onProgress !== undefined) await this.#measure();
    // Chunks come first, so that each list can name those of its chunks that are damaged.
    for (const area of ['chunks', 'blobs', 'lists'] as const) {
      for await (const file of storedFiles(this.#layout, area)) await this.#check(file);
    }
    const damaged = [...this.#reasons]
      .map(([sha256, reasons]): DamagedContent => ({ sha256, reasons }))
      .sort((a, b) => (a.sha256 < b.sha256 ? -1 : 1));
    return {
      isIntact: damaged.length === 0 && this.#damagedFiles.length === 0,
      contentCount: this.#contents.size,
      bytes: this.#doneBytes,
      damaged,
      damagedFiles: this.#damagedFiles,
    };
  }

  async #measure(): Promise<void> {
    for (const area of ['chunks', 'blobs', 'lists'] as const) {
      for await (const file of storedFiles(this.#layout, area)) {
        this.#totalBytes += (await modifiedMs(this.#layout.pathOf(file)))?.bytes ?? 0;
      }
    }
  }

  async #check(file: StoredFile): Promise<void> {
    const found = await modifiedMs(this.#layout.pathOf(file));
    // Collected since its folder was read.
    if (found === null) return;
    if (file.area === 'lists') await this.#checkList(file);
    else await this.#checkPiece(file);
    this.#doneBytes += found.bytes;
    this.#totalBytes = Math.max(this.#totalBytes, this.#doneBytes);
    this.#onProgress?.({ doneBytes: this.#doneBytes, totalBytes: this.#totalBytes });
  }

  async #checkPiece(file: StoredFile): Promise<void> {
    const isWhole = await this.#isWhole(file);
    if (isWhole !== null && file.area === 'blobs') this.#contents.add(file.sha256);
    if (isWhole !== false) return;
    if (file.area === 'chunks') this.#damagedChunks.add(file.sha256);
    else this.#blame(file.sha256, 'its bytes differ from its address');
    await this.#setAside(file);
  }

  /** Whether the bytes of a blob or chunk are what its address says; null if it is not there any more. */
  async #isWhole(file: StoredFile): Promise<boolean | null> {
    const path = this.#layout.pathOf(file);
    try {
      const handle = await ifPresent(open(path, 'r'));
      if (handle === null) return null;
      const hash = createHash('sha256');
      if (file.isCompressed) {
        const bytes = await pieceBytes(await openedFile({ file, path, handle }));
        if (bytes === null) return false;
        hash.update(bytes);
      } else {
        for await (const slice of fileSlices(handle, { path, isReusing: true })) hash.update(slice);
      }
      return hash.digest('hex') === file.sha256;
    } catch (error) {
      throw explainSystemError(error, { action: 'read', path }) ?? error;
    }
  }

  async #checkList(file: StoredFile): Promise<void> {
    const { sha256 } = file;
    const list = await this.#reader.list(sha256);
    if (list === null) return;
    this.#contents.add(sha256);
    if (list === 'damaged') {
      this.#blame(sha256, 'its chunk list is damaged');
      return this.#setAside(file);
    }
    const hash = createHash('sha256');
    let isReadable = true;
    for (const chunk of list.chunks) {
      const bytes = await this.#reader.chunk(chunk.sha256);
      const fault = this.#faultOf(chunk, bytes);
      if (fault === null) {
        if (isReadable && bytes instanceof Uint8Array) hash.update(bytes);
        continue;
      }
      // A list whose chunks are being collected with it is no damage.
      if ((await modifiedMs(this.#layout.pathOf(file))) === null) return;
      isReadable = false;
      this.#blame(sha256, `its chunk ${chunk.sha256} is ${fault}`);
    }
    if (isReadable && hash.digest('hex') !== sha256) {
      this.#blame(sha256, 'its chunks are not those of its address');
      await this.#setAside(file);
    }
  }

  #faultOf(chunk: ContentReference, bytes: Uint8Array | 'damaged' | null): string | null {
    const isKnown = this.#damagedChunks.has(chunk.sha256);
    if (bytes === null) return isKnown ? 'damaged' : 'missing';
    if (bytes === 'damaged' || bytes.byteLength !== chunk.bytes) return 'damaged';
    // Another form of the chunk may be intact.
    return isKnown && sha256Of(bytes) !== chunk.sha256 ? 'damaged' : null;
  }

  #blame(sha256: string, reason: string): void {
    const reasons = this.#reasons.get(sha256) ?? [];
    if (!reasons.includes(reason)) reasons.push(reason);
    this.#reasons.set(sha256, reasons);
  }

  async #setAside(file: StoredFile): Promise<void> {
    this.#damagedFiles.push(this.#layout.relativePathOf(file));
    if (!this.#isRepairing) return;
    const { quarantine } = this.#layout;
    const path = this.#layout.pathOf(file);
    try {
      await makeFolder(quarantine);
      renamePersistentlySync(path, join(quarantine, flatNameOf(file)));
    } catch (error) {
      // Collected in the meantime.
      if (isSystemError(error) && error.code === 'ENOENT') return;
      throw explainSystemError(error, { action: 'quarantine', path }) ?? error;
    }
  }
}
