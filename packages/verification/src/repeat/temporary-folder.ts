import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** What {@link withTemporaryFolder} does with the folder in the end. */
export interface TemporaryFolderOptions {
  /** Whether it stays. @default false */
  readonly isKept?: boolean | undefined;
}

/** Calls a function with an empty folder, which is removed however the function ends. */
export async function withTemporaryFolder<T>(
  use: (folder: string) => Promise<T>,
  { isKept = false }: TemporaryFolderOptions = {},
): Promise<T> {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'pixelis-verify-')));
  try {
    return await use(folder);
  } finally {
    if (!isKept) rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}
