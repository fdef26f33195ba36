import { readFile } from 'node:fs/promises';
import { canonicalJson, writeFileAtomic } from '@pixelis/core';
import { z } from 'zod';
import { ifPresent } from './disk';

/** What a collector found unwanted: path below the store's folder → modification time, in milliseconds since 1970. */
export type Marks = ReadonlyMap<string, number>;

const marksSchema = z.strictObject({
  marked: z.record(z.string(), z.int().nonnegative()),
  marks_version: z.literal(1),
});

/** The marks of the last collection. Damaged ones are none: all they can do is to let files be taken sooner. */
export async function readMarks(path: string): Promise<Marks> {
  const text = await ifPresent(readFile(path, 'utf8'));
  if (text === null) return new Map();
  try {
    return new Map(Object.entries(marksSchema.parse(JSON.parse(text)).marked));
  } catch {
    return new Map();
  }
}

/** Replaces the marks. @throws {DataError} */
export async function writeMarks(path: string, marks: Marks): Promise<void> {
  await writeFileAtomic(
    path,
    canonicalJson({ marked: Object.fromEntries(marks), marks_version: 1 }),
  );
}
