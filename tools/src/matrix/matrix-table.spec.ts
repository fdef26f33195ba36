import type { MatrixRow, Place } from './matrix-rows';
import { matrixSection, replaceSection, tableLine } from './matrix-table';

const OLD: Place = { processor: 'x64', isEmulated: false, node: '20.1.0' };
const NEW: Place = { ...OLD, node: '22.1.0' };

const ROWS: MatrixRow[] = [
  { place: OLD, threads: 1 },
  { place: NEW, threads: 1 },
  { place: NEW, threads: 8, flag: '--liftoff-only', resumedAt: NEW },
];

const SECTION = [
  '<!-- matrix: written by `npm run test:matrix -- --write` -->',
  '',
  '| processor | Node.js        | threads | V8 flag          | training        |',
  '| --------- | -------------- | ------- | ---------------- | --------------- |',
  '| x86-64    | 20.1.0, 22.1.0 | 1       |                  | whole           |',
  '| x86-64    | 22.1.0         | 8       | `--liftoff-only` | killed, resumed |',
  '',
  'SHA-256 of all of them: `abc`',
  '',
  '<!-- end of matrix -->',
].join('\n');

describe('matrixSection()', () => {
  it('puts versions of Node.js that only differ in that on one line', () => {
    expect(matrixSection(ROWS, 'abc')).toBe(SECTION);
  });
});

describe('replaceSection()', () => {
  it('leaves the rest of the document, and a document that is up to date, as it is', () => {
    const document = `before\n\n${SECTION}\n\nafter\n`;
    const other = SECTION.replace('abc', 'def');
    expect(replaceSection(document, other)).toBe(`before\n\n${other}\n\nafter\n`);
    expect(replaceSection(document, SECTION)).toBe(document);
  });

  it('refuses a document without the marks', () => {
    expect(() => replaceSection('before', SECTION)).toThrow('lacks <!-- matrix');
  });
});

describe('tableLine()', () => {
  it('aligns the cells of a row with the headings', () => {
    const lines = [tableLine(ROWS), ...ROWS.map((row) => tableLine(ROWS, row))];
    expect(new Set(lines.map(({ length }) => length)).size).toBe(1);
    expect(lines[3]).toBe('x86-64     22.1.0   8        --liftoff-only  killed, resumed');
  });
});
