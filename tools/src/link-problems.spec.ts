import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { linkProblems } from './link-problems';

let root: string;

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'pixelis-links-'));
  mkdirSync(join(root, 'docs'));
  writeFileSync(join(root, 'docs/a.md'), '# One\n');
  writeFileSync(join(root, 'README.md'), '# Two\n');
});

afterAll(() => {
  rmSync(root, { recursive: true });
});

function problemsOf(link: string): string[] {
  return linkProblems({ path: 'docs/a.md', text: `[x](${link})` }, root);
}

describe('linkProblems', () => {
  it.each(['../README.md', '../README.md#two', '#one', '../docs', 'https://example.org/none'])(
    'has nothing against %s',
    (link) => {
      expect(problemsOf(link)).toEqual([]);
    },
  );

  it.each([
    ['b.md', 'docs/a.md links to b.md, which does not exist'],
    ['#two', 'docs/a.md links to #two, but no heading there makes the anchor "two"'],
    ['../../x', 'docs/a.md links to ../../x, which is outside of the repository'],
    ['/etc/hosts', 'docs/a.md links to /etc/hosts, which is outside of the repository'],
  ])('names what is wrong with %s', (link, problem) => {
    expect(problemsOf(link)).toEqual([problem]);
  });
});
