import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import ts from 'typescript';

/** The promise that the example exports. */
interface Example {
  done?: Promise<void>;
}

function firstExample(): string {
  const readme = readFileSync(join(__dirname, '../README.md'), 'utf8');
  const [, code] = /```ts\n(.*?)```/s.exec(readme) ?? [];
  if (code === undefined) throw new Error('README.md has no example');
  return code;
}

describe('README.md', () => {
  it('has an example that prints what its comments say', async () => {
    const code = firstExample();
    const expected = [...code.matchAll(/console\.log\(.*\); \/\/ (.*)$/gm)].map(([, line]) => line);
    const compilerOptions = { module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2022 };
    const { outputText } = ts.transpileModule(code, { compilerOptions });

    const log = jest.spyOn(console, 'log').mockImplementation(() => undefined);
    const module: { exports: Example } = { exports: {} };
    // eslint-disable-next-line @typescript-eslint/no-implied-eval
    const evaluate = new Function('require', 'module', 'exports', outputText) as (
      ...scope: unknown[]
    ) => void;
    evaluate(createRequire(__filename), module, module.exports);
    await module.exports.done;
    const printed = log.mock.calls.map(([line]) => String(line));
    log.mockRestore();

    expect(expected).toHaveLength(3);
    expect(printed).toEqual(expected);
  });
});
