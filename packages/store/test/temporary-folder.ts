import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, sep } from 'node:path';

/** A folder for one test file, removed after its tests; each call gives a fresh folder in it. */
export function useTemporaryFolder(): () => string {
  const base = mkdtempSync(join(tmpdir(), 'pixelis-store-'));
  let count = 0;
  afterAll(() => rmSync(base, { recursive: true, force: true, maxRetries: 5 }));
  return () => mkdtempSync(join(base, `${(count += 1)}-`));
}

/** The files below a folder, sorted, with forward slashes; folders are left out. */
export function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => statSync(join(folder, path)).isFile())
    .map((path) => path.split(sep).join('/'))
    .sort();
}
