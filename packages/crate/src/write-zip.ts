import { createHash, randomBytes } from 'node:crypto';
import { createWriteStream, existsSync } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { explainSystemError, IntegrityError, UsageError } from '@pixelis/core';
import { ZipFile } from 'yazl';
import type { CrateMember } from './crate-index';
import { flushFolder } from './on-disk';

/** A member, and where its bytes come from. */
export interface MemberSource extends CrateMember {
  open(): AsyncIterable<Uint8Array> | Iterable<Uint8Array>;
}

/** The earliest time that a zip can hold, written without a zone: the same bytes wherever they are made. */
const MODIFIED_AT = new Date(1980, 0, 1);

/**
 * Writes a zip of the members in their order, uncompressed, so that equal members make equal bytes on every machine.
 * Memory does not grow with them. The file appears when it is whole and on the disk itself.
 *
 * @throws {UsageError} `CRATE_FILE_TAKEN` if the file exists.
 * @throws {IntegrityError} `CRATE_SOURCE_CHANGED` if a member is not what it says.
 * @throws {DataError} If the file cannot be written; nothing is then left of it.
 */
export async function writeZip(file: string, members: readonly MemberSource[]): Promise<void> {
  if (existsSync(file)) throw takenError(file);
  const folder = dirname(file);
  const temporary = join(folder, `.pixelis-${process.pid}-${randomBytes(6).toString('hex')}.tmp`);
  try {
    await pack(temporary, members);
    await rename(temporary, file);
    await flushFolder(folder);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw explainSystemError(error, { action: 'write', path: file }) ?? error;
  }
}

async function pack(path: string, members: readonly MemberSource[]): Promise<void> {
  const zip = new ZipFile();
  const stop = new AbortController();
  const failures: unknown[] = [];
  function fail(error: unknown): void {
    failures.push(error);
    stop.abort();
  }
  zip.on('error', fail);
  for (const member of members) {
    const options = {
      size: member.bytes,
      mtime: MODIFIED_AT,
      mode: 0o100644,
      compress: false,
      forceDosTimestamp: true,
    };
    zip.addReadStreamLazy(member.path, options, (give) =>
      give(null, Readable.from(verified(member), { objectMode: false }).on('error', fail)),
    );
  }
  zip.end();
  const sink = createWriteStream(path, { flags: 'wx', flush: true });
  await pipeline(zip.outputStream, sink, { signal: stop.signal }).catch((error: unknown) => {
    throw failures[0] ?? error;
  });
}

async function* verified(member: MemberSource): AsyncGenerator<Uint8Array> {
  const hash = createHash('sha256');
  let bytes = 0;
  for await (const chunk of member.open()) {
    hash.update(chunk);
    bytes += chunk.byteLength;
    if (bytes > member.bytes) throw changedError(member);
    yield chunk;
  }
  if (bytes !== member.bytes || hash.digest('hex') !== member.sha256) throw changedError(member);
}

function changedError({ path }: CrateMember): IntegrityError {
  return new IntegrityError(`${path} is not what is recorded of it`, {
    code: 'CRATE_SOURCE_CHANGED',
    remedy:
      'Let nothing write to the experiment while it is exported, or audit it, then try again.',
  });
}

function takenError(file: string): UsageError {
  return new UsageError(`${file} exists`, {
    code: 'CRATE_FILE_TAKEN',
    remedy: 'Choose another file, or remove that one.',
  });
}
