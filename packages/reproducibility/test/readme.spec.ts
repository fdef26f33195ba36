import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

import { ModuleKind, ScriptTarget, transpileModule } from 'typescript';

const PACKAGE = join(__dirname, '..');

function fence(readme: string, language: string): string {
  const block = new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\``, 'ms').exec(readme)?.[1];
  if (block === undefined) throw new Error(`The README has no block of ${language}`);
  return block;
}

describe('README.md', () => {
  it('README.md shows a program that prints what it says', () => {
    const readme = readFileSync(join(PACKAGE, 'README.md'), 'utf8');
    const { outputText } = transpileModule(fence(readme, 'ts'), {
      compilerOptions: { module: ModuleKind.CommonJS, target: ScriptTarget.ES2022 },
    });
    const folder = mkdtempSync(join(PACKAGE, 'test', 'readme-'));
    try {
      const path = join(folder, 'example.cjs');
      writeFileSync(path, outputText);
      const printed = execFileSync(process.execPath, [path], { encoding: 'utf8' });
      expect(printed).toBe(fence(readme, 'text').replace('20.20.2', process.versions.node));
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
