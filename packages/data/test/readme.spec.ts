import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { compileFunction } from 'node:vm';
import * as reproducibility from '@pixelis/reproducibility';
import * as ts from 'typescript';
import * as data from '../src';

describe('README', () => {
  const readme = readFileSync(join(__dirname, '..', 'README.md'), 'utf8');

  it('has an example that works', async () => {
    const code = /```ts\r?\n([^]*?)```/.exec(readme)?.[1] ?? '';
    const { outputText } = ts.transpileModule(code, {
      compilerOptions: { module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2022 },
    });
    const run = compileFunction(outputText, ['require', 'exports', 'console']) as (
      ...names: unknown[]
    ) => void;
    const load = (name: string) => (name === '@pixelis/data' ? data : reproducibility);
    const lines: string[] = [];
    const exported: { look?: () => Promise<void> } = {};
    run(load, exported, { log: (...words: unknown[]) => lines.push(words.join(' ')) });
    await exported.look?.();
    expect(lines).toEqual(['0 0 20 31 31 39 39 59 59 59', 'Q_COMPARE C0 C11 -> NO', 'open 2']);
  });

  it('states the chance levels that canvasChance() gives', () => {
    for (const level of data.LEVELS) {
      const percent = (100 * data.canvasChance(level)).toFixed(2);
      expect(readme).toMatch(new RegExp(`\\| ${level} .*\\| ${percent} % \\|`));
    }
  });
});
