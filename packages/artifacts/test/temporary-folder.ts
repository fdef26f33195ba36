import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A folder for one test file, removed after its tests; each call gives a fresh folder in it. */
export function useTemporaryFolder(): () => string {
  const base = mkdtempSync(join(tmpdir(), 'pixelis-artifacts-'));
  let count = 0;
  afterAll(() => rmSync(base, { recursive: true, force: true, maxRetries: 5 }));
  return () => mkdtempSync(join(base, `${(count += 1)}-`));
}

/** Everything below a folder: path → content, to compare before and after. */
export function snapshot(folder: string): Record<string, string> {
  const paths = readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort();
  return Object.fromEntries(
    paths.map((path) => {
      const target = join(folder, path);
      return [path, statSync(target).isFile() ? readFileSync(target, 'latin1') : '(folder)'];
    }),
  );
}
