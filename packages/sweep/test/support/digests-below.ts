import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { sha256FileSync } from '@pixelis/core';

/** The hash of every file below a folder, but of locks that come and go. */
export function digestsBelow(folder: string): Record<string, string> {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile() && !entry.name.endsWith('.lock'));
  return Object.fromEntries(
    files.map(({ parentPath, name }) => {
      const path = join(parentPath, name);
      return [path, sha256FileSync(path)];
    }),
  );
}
