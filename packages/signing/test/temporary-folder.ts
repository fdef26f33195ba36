import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** A folder for one test file, removed after its tests; each call gives a fresh folder in it. */
export function useTemporaryFolder(): () => string {
  const base = mkdtempSync(join(tmpdir(), 'pixelis-signing-'));
  let count = 0;
  afterAll(() => rmSync(base, { recursive: true, force: true, maxRetries: 5 }));
  return () => mkdtempSync(join(base, `${(count += 1)}-`));
}

/** Writes files, by path, with the folders that they need. */
export function writeFiles(
  folder: string,
  files: Readonly<Record<string, string | Uint8Array>>,
): string {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
  return folder;
}
