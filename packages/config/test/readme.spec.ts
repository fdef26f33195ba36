import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { format } from 'node:util';
import { compileFunction } from 'node:vm';

import * as ts from 'typescript';

import * as config from '../src';

const readme = readFileSync(join(__dirname, '..', 'README.md'), 'utf8');

function firstBlock(language: string): string {
  const block = new RegExp(`\`\`\`${language}\\r?\\n([^]*?)\`\`\``).exec(readme)?.[1];
  if (block === undefined) throw new Error(`README.md lacks a block of ${language}`);
  return block;
}

describe('README', () => {
  it('has an example that prints what it says', () => {
    const { outputText } = ts.transpileModule(firstBlock('ts'), {
      compilerOptions: { module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2022 },
    });
    const lines: string[] = [];
    const run = compileFunction(outputText, ['require', 'exports', 'console']) as (
      ...names: unknown[]
    ) => void;
    const load = (name: string) => (name === '@pixelis/config' ? config : undefined);
    run(load, {}, { log: (...values: unknown[]) => lines.push(format(...values)) });
    expect(lines).toEqual(firstBlock('text').trim().split(/\r?\n/));
  });
});
