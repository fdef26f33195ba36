import { createHash } from 'node:crypto';
import { open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import {
  explainSystemError,
  isSystemError,
  renamePersistentlySync,
  sha256 as sha256Of,
} from '@pixelis/core';
import type { ChunkList } from './chunk-list';
import { type ContentReader, openedFile, pieceBytes } from './content-reader';
import { ifPresent, makeFolder, modifiedMs } from './disk';
import { flatNameOf, type Layout, type StoredFile, type StoredPlace } from './layout';
import { fileSlices } from './slices';
import { storedFiles } from './stored-files';
import { moveToTrash, putBack, settleTrash } from './trash';
import type { ContentReference, DamagedContent, StoreVerification, VerifyOptions } from './types';

/** What {@link verifyStore} works with. */
export interface VerifyContext {
  readonly layout: Layout;
  readonly reader: ContentReader;
}

/** Looks once more at a file that was found damaged, where it was moved to. */
type IsDamaged = (moved: StoredPlace) => Promise<boolean>;

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
    if (this.#isRepairing) await this.#settle();
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
    const isWhole = await this.#isWhole({ file, path: this.#layout.pathOf(file) });
    if (isWhole !== null && file.area === 'blobs') this.#contents.add(file.sha256);
    if (isWhole !== false) return;
    const isDamaged = await this.#setAside(
      file,
      async (moved) => (await this.#isWhole(moved)) !== true,
    );
    if (!isDamaged) return;
    if (file.area === 'chunks') this.#damagedChunks.add(file.sha256);
    else this.#blame(file.sha256, 'its bytes differ from its address');
  }

  /** Whether the bytes of a blob or chunk are what its address says; null if it is not there any more. */
  async #isWhole({ file, path }: StoredPlace): Promise<boolean | null> {
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
      return this.#setListAside(file, { list, reason: 'its chunk list is damaged' });
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
      await this.#setListAside(file, { list, reason: 'its chunks are not those of its address' });
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

  /** Sets a list aside that is still the one that was read. */
  async #setListAside(
    file: StoredFile,
    { list, reason }: { list: ChunkList | 'damaged'; reason: string },
  ): Promise<void> {
    const isDamaged = await this.#setAside(file, async (moved) => {
      const found = await this.#reader.listAt(moved);
      return found === null || isDeepStrictEqual(found, list);
    });
    if (isDamaged) this.#blame(file.sha256, reason);
  }

  /** Takes a damaged file out of the way, if repairing. @returns False if a put has healed it since it was read. */
  async #setAside(file: StoredFile, isDamaged: IsDamaged): Promise<boolean> {
    if (this.#isRepairing && !(await this.#quarantine(file, isDamaged))) return false;
    this.#damagedFiles.push(this.#layout.relativePathOf(file));
    return true;
  }

  /**
   * Moves a file to quarantine, unless it turns out to be healed. It is looked at again where nobody writes any more: in
   * the trash, where readers find it meanwhile, and from where it comes back if this process is killed.
   *
   * @returns Whether it was damaged.
   */
  async #quarantine(file: StoredFile, isDamaged: IsDamaged): Promise<boolean> {
    const { quarantine } = this.#layout;
    const path = this.#layout.pathOf(file);
    try {
      const trashed = await moveToTrash(this.#layout, file);
      // Collected in the meantime, or set aside by another verification.
      if (trashed === null) return true;
      if (!(await isDamaged(trashed))) {
        await putBack(this.#layout, trashed);
        return false;
      }
      await makeFolder(quarantine);
      renamePersistentlySync(trashed.path, join(quarantine, flatNameOf(file)));
      // A rename to another name of the same file, as a put back that was cut off leaves one, does nothing.
      await rm(trashed.path, { force: true });
    } catch (error) {
      // Put back by somebody who settled the trash: the next verification finds it again.
      const isGone = isSystemError(error) && error.code === 'ENOENT';
      if (!isGone) throw explainSystemError(error, { action: 'quarantine', path }) ?? error;
    }
    return true;
  }

  /** What a killed process left in the trash is part of the store, and looked at as any other file. */
  async #settle(): Promise<void> {
    try {
      await settleTrash(this.#layout);
    } catch (error) {
      const { trash } = this.#layout;
      throw explainSystemError(error, { action: 'settle', path: trash }) ?? error;
    }
  }
}
