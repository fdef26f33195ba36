import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as ts from 'typescript';

const README = readFileSync(join(__dirname, '../README.md'), 'utf8');

/** Runs the first TypeScript example of the README; `require` finds packages as a user's program would. */
function runExample(): Record<string, unknown> {
  const source = /```ts\n(.*?)```/s.exec(README)?.[1] ?? '';
  const { outputText } = ts.transpileModule(source, {
    compilerOptions: { module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2022 },
  });
  const exported: Record<string, unknown> = {};
  // eslint-disable-next-line @typescript-eslint/no-implied-eval -- the README is ours
  Reflect.apply(new Function('require', 'exports', outputText), undefined, [require, exported]);
  return exported;
}

describe('the example of the README', () => {
  it('links the lines of each request and of no other', async () => {
    const lines: string[] = [];
    const write = jest.spyOn(process.stdout, 'write').mockImplementation((line) => {
      lines.push(String(line));
      return true;
    });

    const answers = await runExample()['answers'];
    write.mockRestore();

    expect(answers).toEqual(['forty-two', 'forty-two']);
    const parsed = lines.map((line) =>
      /^\S{24} - shop\.answers - INFO - \[(.*?)\|(.*?)\] - (.*)\n$/.exec(line)?.slice(1),
    );
    const [first, second] = [parsed[1]?.[0], parsed[3]?.[0]];
    expect(first).toMatch(/^[\da-f]{32}$/);
    expect(second).not.toBe(first);
    expect(parsed).toEqual([
      ['-', '-', 'ready'],
      [first, 'InferenceEngine', 'asked question="six times seven?"'],
      [first, 'Memory', 'looking k=5'],
      [second, 'InferenceEngine', 'asked question="and again?"'],
      [second, 'Memory', 'looking k=5'],
    ]);
  });
});
