import { createHash, randomUUID } from 'node:crypto';
import { createWriteStream, readdirSync, rmSync } from 'node:fs';
import { mkdir, rm, rmdir } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import {
  acquireFileLock,
  explainSystemError,
  type FileLock,
  inspectFileLock,
  makeFolderSync,
} from '@pixelis/core';
import { damaged } from './crate-error';
import type { CrateMember } from './crate-index';
import { placeOf } from './member-path';
import { ifPresent, onDisk } from './on-disk';
import type { OpenedZip } from './read-zip';

const STAGING_NAME = /^\.import-[0-9a-f-]{36}(?:\.lock)?$/;

/** A folder in an output folder where a crate is unpacked and checked; nothing in it counts before it is moved. */
export class Staging {
  readonly folder: string;
  readonly #lock: FileLock | undefined;
  readonly #made: string | undefined;

  private constructor(folder: string, lock: FileLock | undefined, made: string | undefined) {
    this.folder = folder;
    this.#lock = lock;
    this.#made = made;
  }

  /**
   * Makes the folder, and removes those whose process was killed.
   *
   * @throws {DataError} If the output folder cannot be written.
   */
  static async open(root: string): Promise<Staging> {
    const folder = join(root, `.import-${randomUUID()}`);
    return onDisk(root, async () => {
      const made = makeFolderSync(root);
      removeAbandoned(root);
      const lock = acquireFileLock(`${folder}.lock`);
      await mkdir(folder);
      return new Staging(folder, lock, made);
    });
  }

  /** Where a member is unpacked to. */
  pathOf(member: string): string {
    return join(this.folder, ...member.split('/'));
  }

  /**
   * Unpacks a member, or, if it is not wanted, only checks it.
   *
   * @throws {DataError} `CRATE_DAMAGED` if it is not what the index says.
   */
  async unpack(
    zip: OpenedZip,
    member: CrateMember,
    { isWanted }: { isWanted: boolean },
  ): Promise<void> {
    const path = this.pathOf(member.path);
    const hash = createHash('sha256');
    const stream = await zip.read(member.path);
    try {
      if (isWanted) makeFolderSync(dirname(path));
      const sink = isWanted
        ? createWriteStream(path, { flags: 'wx', flush: isMoved(member) })
        : nowhere();
      await pipeline(
        stream,
        async function* (chunks: AsyncIterable<Buffer>) {
          for await (const chunk of chunks) {
            hash.update(chunk);
            yield chunk;
          }
        },
        sink,
      );
    } catch (cause) {
      const context = isWanted ? { action: 'write', path } : {};
      const reason = `${member.path} cannot be unpacked`;
      throw explainSystemError(cause, context) ?? damaged(zip.file, reason, cause);
    }
    if (hash.digest('hex') !== member.sha256)
      throw damaged(zip.file, `${member.path} is not what its index says`);
  }

  /** Removes all that is left in it and, if nothing came of the import, the output folder that was made for it. */
  async remove(): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
    this.#lock?.release();
    if (this.#made === undefined) return;
    const last = resolve(this.#made);
    for (
      let folder = resolve(dirname(this.folder));
      folder.startsWith(last);
      folder = dirname(folder)
    ) {
      const isRemoved = await rmdir(folder).then(
        () => true,
        () => false,
      );
      if (!isRemoved || folder === dirname(folder)) return;
    }
  }
}

/** Files of runs are moved as they are; contents go through the store, which makes them durable. */
function isMoved({ path }: CrateMember): boolean {
  return placeOf(path)?.kind === 'run';
}

/** A folder whose lock is free or whose holder is dead was left by a process that was killed. */
function removeAbandoned(root: string): void {
  for (const name of ifPresent(() => readdirSync(root)) ?? []) {
    if (!STAGING_NAME.test(name)) continue;
    const lock = join(root, name.endsWith('.lock') ? name : `${name}.lock`);
    if (inspectFileLock(lock).state === 'held') continue;
    rmSync(lock.slice(0, -'.lock'.length), { recursive: true, force: true });
    rmSync(lock, { force: true });
  }
}

function nowhere(): Writable {
  return new Writable({ write: (_chunk, _encoding, done) => done() });
}
