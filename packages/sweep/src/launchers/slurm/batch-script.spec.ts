import { batchScript } from './batch-script';

describe('batchScript()', () => {
  it('batchScript() puts the program in the place of the shell, with the file of its own task', () => {
    expect(batchScript("/data/it's $HOME")).toMatch(
      /^#!\/bin\/sh\n#.*\nexec '.*' '.*array-task\.js' '\/data\/it'\\''s \$HOME\/'"\$SLURM_ARRAY_TASK_ID\.json"\n$/,
    );
  });
});
