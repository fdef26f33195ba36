import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as data from '@pixelis/data';
import * as reproducibility from '@pixelis/reproducibility';
import * as tf from '@tensorflow/tfjs';
import ts from 'typescript';
import * as training from '../src/index';

const MODULES: Readonly<Record<string, unknown>> = {
  '@pixelis/data': data,
  '@pixelis/reproducibility': reproducibility,
  '@pixelis/training': training,
};

/** The module in the first TypeScript block of the README. */
function readmeModule(): { train: () => Promise<void> } {
  const readme = readFileSync(join(__dirname, '..', 'README.md'), 'utf8');
  const source = /```ts\r?\n(.*?)```/s.exec(readme)?.[1];
  if (source === undefined) throw new Error('README.md has no TypeScript block');
  const { outputText } = ts.transpileModule(source, {
    compilerOptions: { module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2022 },
  });
  const exports = {};
  // eslint-disable-next-line @typescript-eslint/no-implied-eval -- the README's example is what is tested
  const load = new Function('require', 'exports', outputText) as (...names: unknown[]) => void;
  load((name: string) => MODULES[name], exports);
  return exports as { train: () => Promise<void> };
}

describe('README.md', () => {
  it('its example trains a model whose loss falls', async () => {
    const lines: string[] = [];
    const log = jest.spyOn(console, 'log').mockImplementation((line: string) => lines.push(line));
    const random = Math.random;

    await readmeModule().train();
    log.mockRestore();

    const losses = lines.map((line) => Number(/^step \d+: loss (\d+\.\d+)$/.exec(line)?.[1]));
    expect(losses).toHaveLength(2);
    expect(losses[0]).toBeCloseTo(Math.log(data.VOCABULARY_SIZE), 0);
    expect(losses[1]).toBeLessThan(losses[0]! / 3);
    expect(Math.random).toBe(random);
    expect(tf.getBackend()).toBe('wasm');
  });
});
