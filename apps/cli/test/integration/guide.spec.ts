import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Ending, runDocumented, TINY } from '../support/programs';
import { useTemporaryFolder } from '../support/temporary-folder';

const temporaryFolder = useTemporaryFolder();
const DOCS = join(__dirname, '..', '..', '..', '..', 'docs');

describe('docs/guides/artifacts.md', () => {
  const cwd = temporaryFolder();
  const endings = new Map<string, Ending>();

  it.each(commandsOf('guides/artifacts.md'))('%s', async (command) => {
    const ending = await run(command, cwd);
    endings.set(command, ending);
    expect({ code: ending.code, stderr: ending.code === 0 ? '' : ending.stderr }).toEqual({
      code: 0,
      stderr: '',
    });
  });

  it('shows the whole chain from data set to model to evaluation', () => {
    const chart = endings.get('npx --no pixelis lineage export --format mermaid')?.stdout ?? '';
    const names = [...chart.matchAll(/^ {2}(n\d+)[^"]*"([^<"]*)/gm)];
    const idOf = (start: string) => names.find(([, , name]) => name?.startsWith(start))?.[1];
    const edge = (from: string, to: string) =>
      new RegExp(`^ {2}${idOf(from)} -->\\|"(?:used|produced)[^|]*\\| ${idOf(to)}$`, 'm');
    expect(chart).toMatch(edge('dataset-digits-reasoning-1', 'train:sft'));
    expect(chart).toMatch(edge('train:sft', 'model-'));
    expect(chart).toMatch(edge('model-', 'evaluate'));
    expect(chart).toMatch(edge('evaluate', 'eval-model-'));
  });

  it('restores what was put', () => {
    expect(readFileSync(join(cwd, 'out', 'restored', 'questions.jsonl'), 'utf8')).toContain('3+3');
  });

  it('imports what was exported: the same lineage on another path', () => {
    const audit = endings.get('npx --no pixelis runs audit latest --public-key out/key.pem.pub');
    expect(audit?.stdout).toMatch(/^\S+: intact, \d+ events, head [0-9a-f]{12}\n$/);
    const valid = endings.get('npx --no pixelis lineage validate --out out/elsewhere');
    expect(valid?.stdout).toMatch(/^valid: [1-9]\d* nodes/m);
  });
});

describe('docs/guides/verify.md', () => {
  const cwd = temporaryFolder();

  it.each(commandsOf('guides/verify.md'))('%s', async (command) => {
    const ending = await run(command, cwd);
    const code = command.includes(' diff ') ? 5 : 0;
    expect({ code: ending.code, stderr: ending.code === code ? '' : ending.stderr }).toEqual({
      code,
      stderr: '',
    });
  });
});

describe.each(['REPRODUCIBILITY.md', 'guides/configuration.md', 'guides/environment.md'])(
  'docs/%s',
  (path) => {
    const cwd = temporaryFolder();

    it.each(commandsOf(path))('%s', async (command) => {
      const ending = await run(command, cwd);
      expect({ code: ending.code, stderr: ending.code === 0 ? '' : ending.stderr }).toEqual({
        code: 0,
        stderr: '',
      });
    });
  },
);

// Helpers

/** The lines of the blocks of shell of a document. */
function commandsOf(path: string): string[] {
  const text = readFileSync(join(DOCS, path), 'utf8');
  return [...text.matchAll(/^```sh\n([^]*?)^```$/gm)].flatMap(([, block = '']) =>
    block.split('\n').filter((line) => line !== ''),
  );
}

async function run(command: string, cwd: string): Promise<Ending> {
  const [, text, redirection, file] = /^echo '(.*)' (>>?) (\S+)$/.exec(command) ?? [];
  if (text === undefined || file === undefined) return runDocumented(command, { cwd, env: TINY });
  const write = redirection === '>' ? writeFileSync : appendFileSync;
  write(join(cwd, file), `${text}\n`);
  return { code: 0, stdout: '', stderr: '' };
}
