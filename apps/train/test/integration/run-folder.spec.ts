import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { useTemporaryFolder } from '../support/temporary-folder';
import { tiny, train } from '../support/train-program';

const temporaryFolder = useTemporaryFolder();
const PAGE = join(__dirname, '../../../../docs/formats/run-folder.md');

// The page is for programs without Pixelis, so its code is run by another language.
if (spawnSync('python3', ['--version']).status === 0) {
  describe('docs/formats/run-folder.md', () => {
    const [events, chain] = pythonOf(readFileSync(PAGE, 'utf8'));
    let run: string;

    beforeAll(async () => {
      const cwd = temporaryFolder();
      expect(await train(['sft', ...tiny(), '--run-id', 'x'], { cwd })).toMatchObject({ code: 0 });
      run = join(cwd, 'out', 'runs', 'x');
    });

    it.each([
      ['audit trail', events],
      ['chain of training', chain],
    ])('has Python that verifies the %s of a run', (_, code) => {
      expect(python(code!, run)).toEqual({ status: 0, stderr: '' });
    });

    it.each([
      ['chain.jsonl', /AssertionError: step 5/, '"step":4', '"step":5'],
      ['chain.jsonl', /AssertionError: step 4/, /^.*\n/, ''],
      ['checkpoints/final.safetensors', /AssertionError/, /.$/s, '?'],
    ])('has Python that finds a change in %s: %s', (path, says, from, to) => {
      const file = join(run, path);
      const whole = readFileSync(file);
      writeFileSync(file, whole.toString('latin1').replace(from, to), 'latin1');

      const { status, stderr } = python(chain!, run);
      writeFileSync(file, whole);

      expect(status).toBe(1);
      expect(stderr).toMatch(says);
    });
  });
}

// Helpers

function pythonOf(page: string): string[] {
  return [...page.matchAll(/^```python\n(.*?)^```$/gms)].map(([, code]) => code!);
}

function python(code: string, cwd: string): { status: number | null; stderr: string } {
  const { status, stderr } = spawnSync('python3', ['-c', code], { cwd, encoding: 'utf8' });
  return { status, stderr };
}
