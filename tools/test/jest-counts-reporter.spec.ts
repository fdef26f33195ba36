import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WORKSPACE_ROOT } from '../src/workspace';

const REPORTER = join(WORKSPACE_ROOT, 'tools/jest-counts-reporter.cjs');

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pixelis-counts-'));
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

/** Lets a process report the end of a run of jest to the file `counts`, or to none. */
function report(results: Record<string, number>, counts = ''): number | null {
  const program = `new (require(${JSON.stringify(REPORTER)}))().onRunComplete(null, ${JSON.stringify(results)});`;
  const env = { ...process.env, PIXELIS_TEST_COUNTS: counts };
  return spawnSync(process.execPath, ['-e', program], { env, cwd: folder }).status;
}

const RESULTS = { numPassedTests: 7, numFailedTests: 1, numRuntimeErrorTestSuites: 2 };

describe('JestCountsReporter', () => {
  it('appends a line for each run, and counts a file that could not run as failed', () => {
    const counts = join(folder, 'counts');
    expect(report(RESULTS, counts)).toBe(0);
    expect(report({ ...RESULTS, numPassedTests: 2 }, counts)).toBe(0);
    expect(readFileSync(counts, 'utf8')).toBe('7 3\n2 3\n');
  });

  it('does nothing where nobody asked', () => {
    expect(report(RESULTS)).toBe(0);
    expect(readdirSync(folder)).toEqual([]);
  });
});
