import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { typeProblems } from './type-problems';
import { WORKSPACE_ROOT } from './workspace';

let root: string;

beforeAll(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'pixelis-types-')));
});

afterAll(() => {
  rmSync(root, { recursive: true });
});

function problemsOf(program: string): string[] {
  const path = join(root, 'main.mts').replaceAll('\\', '/');
  writeFileSync(path, program);
  const typeRoots = [join(WORKSPACE_ROOT, 'node_modules/@types')];
  return typeProblems([path], 'nodenext', { root, typeRoots });
}

describe('typeProblems', () => {
  it('is empty for a program without mistakes', () => {
    expect(problemsOf("import { sep } from 'node:path';\nexport const s: string = sep;")).toEqual(
      [],
    );
  });

  it('names file, line and what is wrong', () => {
    expect(problemsOf('\nexport const n: number = "1";')).toEqual([
      "main.mts:2: Type 'string' is not assignable to type 'number'.",
    ]);
  });
});
