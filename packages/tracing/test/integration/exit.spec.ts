import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

const PROGRAM = join(__dirname, '../fixtures/log-and-exit.js');

describe('a program without set-up', () => {
  it('writes every line to standard error before it exits, and nothing to standard output', async () => {
    const { stdout, stderr } = await promisify(execFile)(process.execPath, [PROGRAM], {
      maxBuffer: 2 ** 24,
    });

    const lines = stderr.split('\n');
    expect(stdout).toBe('');
    expect(lines).toHaveLength(2001);
    expect(lines[1999]).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]{12}Z - exit - INFO - x{200} line=1999$/);
  });
});
