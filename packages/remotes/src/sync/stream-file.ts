import { createHash, randomBytes } from 'node:crypto';
import { open, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { explainSystemError, renamePersistentlySync } from '@pixelis/core';

/** What {@link writeFileFromStream} wrote. */
export interface WrittenFile {
  readonly sha256: string;
  readonly bytes: number;
}

/**
 * Writes a file from pieces as `writeFileAtomic` of core writes one from memory: whole or not at all. `check` sees what the
 * pieces came to before the file appears, and stops it by throwing.
 *
 * @throws {DataError} If the folder is missing or unwritable or the disk is full.
 */
export async function writeFileFromStream(
  path: string,
  pieces: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  check: (written: WrittenFile) => void = () => undefined,
): Promise<WrittenFile> {
  const name = `.pixelis-${process.pid}-${randomBytes(6).toString('hex')}.tmp`;
  const temporary = join(dirname(path), name);
  try {
    const written = await writePieces(temporary, pieces);
    check(written);
    if (process.platform === 'win32') renamePersistentlySync(temporary, path);
    else await rename(temporary, path);
    return written;
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw explainSystemError(error, { action: 'write' }) ?? error;
  }
}

async function writePieces(
  path: string,
  pieces: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): Promise<WrittenFile> {
  const hash = createHash('sha256');
  let bytes = 0;
  const file = await open(path, 'wx');
  try {
    for await (const piece of pieces) {
      hash.update(piece);
      bytes += piece.byteLength;
      for (let offset = 0; offset < piece.byteLength;) {
        offset += (await file.write(piece, offset, piece.byteLength - offset)).bytesWritten;
      }
    }
    await file.sync();
  } finally {
    await file.close();
  }
  return { sha256: hash.digest('hex'), bytes };
}
