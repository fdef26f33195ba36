import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { compileFunction } from 'node:vm';

import * as tf from '@tensorflow/tfjs';
import * as backend from '@tensorflow/tfjs-backend-wasm';
import * as ts from 'typescript';

import * as kernels from '../src';

const readme = readFileSync(join(__dirname, '..', 'README.md'), 'utf8');

const modules: Readonly<Record<string, unknown>> = {
  '@pixelis/kernels': kernels,
  '@tensorflow/tfjs': tf,
  '@tensorflow/tfjs-backend-wasm': backend,
};

function firstBlock(language: string): string {
  const block = new RegExp(`\`\`\`${language}\\r?\\n([^]*?)\`\`\``).exec(readme)?.[1];
  if (block === undefined) throw new Error(`README.md lacks a block of ${language}`);
  return block;
}

describe('README', () => {
  it('has an example that prints what it says', async () => {
    const { outputText } = ts.transpileModule(firstBlock('ts'), {
      compilerOptions: { module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2022 },
    });
    const lines: string[] = [];
    const run = compileFunction(outputText, ['require', 'exports', 'console']) as (
      ...names: unknown[]
    ) => void;
    const exported: { main?: () => Promise<void> } = {};
    run((name: string) => modules[name], exported, { log: (line: string) => lines.push(line) });
    await exported.main?.();
    const printed = lines
      .join('\n')
      .split('\n')
      .map((line) => line.trimEnd());
    expect(printed).toEqual(firstBlock('text').trim().split(/\r?\n/));
  });
});
