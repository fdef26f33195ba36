import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A folder for one test file, removed after its tests; each call gives a fresh folder in it. */
export function useTemporaryFolder(): () => string {
  const base = mkdtempSync(join(tmpdir(), 'pixelis-sweep-app-'));
  let count = 0;
  afterAll(() => rmSync(base, { recursive: true, force: true, maxRetries: 5 }));
  return () => mkdtempSync(join(base, `${(count += 1)}-`));
}
