import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

const PROGRAM = join(__dirname, '../fixtures/log-and-die.js');

describe('a program without set-up', () => {
  it('has every line on standard error when it is killed, and nothing on standard output', () => {
    const options = { encoding: 'utf8', maxBuffer: 2 ** 24 } as const;

    const { stdout, stderr, status } = spawnSync(process.execPath, [PROGRAM], options);

    const lines = stderr.split('\n');
    expect(status).not.toBe(0);
    expect(stdout).toBe('');
    expect(lines).toHaveLength(2001);
    expect(lines[1999]).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]{12}Z - last - INFO - x{200} line=1999$/);
  });
});
