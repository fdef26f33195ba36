import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

describe('@pixelis/reproducibility/eslint', () => {
  it('is imported by a configuration and reports what its rules find', () => {
    const program = `
      import { ESLint } from 'eslint';
      import { determinism } from '@pixelis/reproducibility/eslint';
      const eslint = new ESLint({
        overrideConfigFile: true,
        overrideConfig: [{ files: ['**/*.js'], ...determinism.configs.recommended }],
      });
      const [result] = await eslint.lintText('export const x = Math.random() + Date.now() ** 2;');
      console.log(result.messages.map(({ ruleId }) => ruleId).sort().join(' '));`;
    expect(run(['--input-type=module', '--eval', program])).toBe(
      'determinism/no-clock determinism/no-platform-math determinism/no-unseeded-randomness',
    );
  });

  it.each(['@pixelis/reproducibility', '@pixelis/reproducibility/eslint'])(
    'loads nothing of ESLint when %s is required, so that it need not be installed',
    (specifier) => {
      const program = `
        require('${specifier}');
        const loaded = Object.keys(require.cache).filter((path) => /node_modules.eslint/.test(path));
        console.log(String(loaded.length));`;
      expect(run(['--eval', program])).toBe('0');
    },
  );
});

// Helpers

/** What Node.js prints in the folder of the package, where its own name leads to what was built. */
function run(words: readonly string[]): string {
  const cwd = join(__dirname, '../..');
  return execFileSync(process.execPath, words, { cwd, encoding: 'utf8', timeout: 50_000 }).trim();
}
