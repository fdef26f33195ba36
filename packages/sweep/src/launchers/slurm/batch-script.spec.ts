import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { batchScript, quote } from './batch-script';

function onUnix(subject: string, tests: () => void): void {
  if (process.platform !== 'win32') describe(subject, tests);
}

describe('batchScript()', () => {
  it('batchScript() puts the program in the place of the shell, with the file of its own task', () => {
    expect(batchScript("/data/it's $HOME")).toMatch(
      /^#!\/bin\/sh\n#.*\nexec '.*' '.*array-task\.js' '\/data\/it'\\''s \$HOME\/'"\$SLURM_ARRAY_TASK_ID\.json"\n$/,
    );
  });
});

onUnix('quote()', () => {
  it('quote() gives a word that a shell takes for exactly this text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        fc.pre(!text.includes('\0'));
        const read = execFileSync('sh', ['-c', `printf %s ${quote(text)}`], { encoding: 'utf8' });
        expect(read).toBe(text);
      }),
      { numRuns: 30 },
    );
  });
});
