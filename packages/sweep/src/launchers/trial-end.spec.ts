import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DataError } from '@pixelis/core';
import { readTrialEnd } from './trial-end';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sweep-end-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

describe('readTrialEnd()', () => {
  it('readTrialEnd() gives null for no file', () => {
    expect(readTrialEnd({ endPath: join(folder, 'none') })).toBeNull();
  });

  it.each(['', '{', '{}', '{"exit_code": "0", "signal": null}', '[]'])(
    'readTrialEnd() gives null for a file that says %j',
    (text) => {
      const endPath = join(folder, 'end');
      writeFileSync(endPath, text);
      expect(readTrialEnd({ endPath })).toBeNull();
    },
  );

  it('readTrialEnd() explains what cannot be read', () => {
    expect(() => readTrialEnd({ endPath: folder })).toThrow(DataError);
  });
});
