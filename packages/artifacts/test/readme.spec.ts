import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { sha256 } from '@pixelis/core';
import ts from 'typescript';
import * as artifacts from '../src/index';
import { FACTS } from './example-run';
import { useTemporaryFolder } from './temporary-folder';

const temporaryFolder = useTemporaryFolder();

type Train = (root: string, facts: artifacts.ManifestFacts) => Promise<void>;

/** The module in the first TypeScript block of the README. */
function readmeModule(): { train: Train } {
  const readme = readFileSync(join(__dirname, '..', 'README.md'), 'utf8');
  const source = /```ts\n(.*?)```/s.exec(readme)?.[1];
  if (source === undefined) throw new Error('README.md has no TypeScript block');
  const { outputText } = ts.transpileModule(source, {
    compilerOptions: { module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2022 },
  });
  const exports = {};
  // eslint-disable-next-line @typescript-eslint/no-implied-eval -- the README's example is what is tested
  const load = new Function('require', 'exports', outputText) as (...names: unknown[]) => void;
  load(() => artifacts, exports);
  return exports as { train: Train };
}

describe('README.md', () => {
  it('its example makes a run that is complete and valid', async () => {
    const log = jest.spyOn(console, 'log').mockImplementation();
    const root = temporaryFolder();
    await readmeModule().train(root, FACTS);
    expect(log).toHaveBeenCalledWith(sha256(new Uint8Array(8)), []);
    log.mockRestore();
    expect(artifacts.listRuns(root)).toMatchObject([{ status: 'COMPLETED' }]);
  });
});
