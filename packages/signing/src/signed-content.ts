import { createHash } from 'node:crypto';
import { createReadStream, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { explainSystemError, UsageError } from '@pixelis/core';
import type { FileDigest } from './model-statement';
import { onDisk } from './on-disk';

/** Something that a signature may cover: a file, a file of which only the hash is at hand, or what is no file. */
export type ContentEntry =
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'hash'; readonly sha256: string }
  | { readonly kind: 'other' };

/** Part of a file, from byte `start` to before `end`; all of it without either. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/** All that is at hand, by name relative to the folder with forward slashes. Symbolic links are not followed. */
export function contentOf(target: string | readonly FileDigest[]): Map<string, ContentEntry> {
  if (typeof target !== 'string')
    return new Map(target.map(({ name, sha256 }) => [name, { kind: 'hash', sha256 }]));
  if (!onDisk(target, () => statSync(target)).isDirectory()) {
    throw new UsageError(`${target} is a file`, {
      code: 'SIGNING_NEEDS_FOLDER',
      remedy: 'Give the folder that holds it: signatures are made and checked for whole folders.',
    });
  }
  return new Map(onDisk(target, () => entriesBelow(target, '')));
}

function entriesBelow(folder: string, prefix: string): [string, ContentEntry][] {
  const entries = readdirSync(join(folder, prefix), { withFileTypes: true });
  return entries.flatMap((entry): [string, ContentEntry][] => {
    const name = `${prefix}${entry.name}`;
    if (entry.isDirectory()) return entriesBelow(folder, `${name}/`);
    return [
      [name, entry.isFile() ? { kind: 'file', path: join(folder, name) } : { kind: 'other' }],
    ];
  });
}

/** Whether a name is one of the ignored paths or stands below one. */
export function isIgnored(name: string, ignorePaths: readonly string[]): boolean {
  return ignorePaths.some((path) => name === path || name.startsWith(`${path}/`));
}

/** The hash of a file or of a part of it, in hexadecimal digits; memory does not grow with the file. */
export async function fileDigest(
  path: string,
  { algorithm, range }: { algorithm: string; range?: ByteRange },
): Promise<string> {
  const hash = createHash(algorithm);
  const span = range === undefined ? {} : { start: range.start, end: range.end - 1 };
  try {
    const stream: AsyncIterable<Buffer> = createReadStream(path, {
      highWaterMark: 1 << 20,
      ...span,
    });
    for await (const chunk of stream) hash.update(chunk);
  } catch (error) {
    throw explainSystemError(error, { action: 'read', path }) ?? error;
  }
  return hash.digest('hex');
}
