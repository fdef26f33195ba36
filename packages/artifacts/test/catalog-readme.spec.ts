import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runInThisContext } from 'node:vm';
import * as artifacts from '../src/index';
import { useTemporaryFolder } from './temporary-folder';

interface Example {
  trainTracked(root: string): Promise<string>;
}

interface Transformer {
  readonly process: (source: string, filename: string) => { code: string };
}

type Evaluate = (load: () => unknown, module: object, exports: object, log: Console) => void;

const temporaryFolder = useTemporaryFolder();
const { process: transform } = jest.requireActual<Transformer>(
  '../../../tools/readme-example-transformer.cjs',
);

/** The example of the README's section on artifacts, which is not its first. */
function loadExample(): Example {
  const path = join(__dirname, '..', 'README.md');
  const readme = readFileSync(path, 'utf8');
  const section = readme.slice(readme.search(/^## Artifacts$/m));
  const { code } = transform(`# @pixelis/artifacts\n${section}`, path);
  const module = { exports: {} };
  const text = `(function (require, module, exports, console) {${code}\n})`;
  const evaluate = runInThisContext(text, path) as Evaluate;
  evaluate(() => artifacts, module, module.exports, console);
  return module.exports as Example;
}

describe('the section of README.md on artifacts', () => {
  it('has an example that records the whole way from data set to model', async () => {
    const log = jest.spyOn(console, 'log').mockImplementation();
    const root = temporaryFolder();
    const diagram = await loadExample().trainTracked(root);
    expect(log).toHaveBeenCalledWith([
      expect.objectContaining({ name: 'dataset-digits-1', version: '1.0.0' }),
    ]);
    log.mockRestore();
    expect(diagram).toContain('dataset-digits-1');
    const manager = artifacts.ArtifactManager.open({ root });
    expect(await manager.verify()).toMatchObject({ isIntact: true });
    expect(await new artifacts.LineageTracker(manager).validate()).toEqual([]);
  });
});
