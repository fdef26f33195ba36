import { courseOf, type MatrixRow, processorOf } from './matrix-rows';

const HEADINGS = ['processor', 'Node.js', 'threads', 'V8 flag', 'training'];

const BEGIN = '<!-- matrix: written by `npm run test:matrix -- --write` -->';
const END = '<!-- end of matrix -->';

/** The cells of a row, under {@link HEADINGS}. */
export function cellsOf(row: MatrixRow): string[] {
  const { place, threads, flag = '' } = row;
  return [processorOf(place), place.node, String(threads), flag, courseOf(row)];
}

/** The headings or the cells of a row on one line, in columns that fit all `rows`. */
export function tableLine(rows: readonly MatrixRow[], row?: MatrixRow): string {
  const cells = row === undefined ? HEADINGS : cellsOf(row);
  const widths = columnWidths([HEADINGS, ...rows.map(cellsOf)]);
  return cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ');
}

/** What the document says of a matrix whose rows all gave the SHA-256 `digest`: a line for rows that only differ in Node.js. */
export function matrixSection(rows: readonly MatrixRow[], digest: string): string {
  const lines = new Map<string, string[]>();
  for (const row of rows) {
    const [processor = '', node = '', threads = '', flag = '', course = ''] = cellsOf(row);
    const key = [processor, threads, flag, course].join('|');
    const versions = [lines.get(key)?.[1], node].filter((text) => text !== undefined).join(', ');
    lines.set(key, [processor, versions, threads, flag === '' ? '' : `\`${flag}\``, course]);
  }
  const table = [HEADINGS, ...lines.values()];
  const widths = columnWidths(table);
  const [headings = '', ...body] = table.map(
    (cells) => `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`,
  );
  const rule = `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`;
  const sentence = `SHA-256 of all of them: \`${digest}\``;
  return [BEGIN, '', headings, rule, ...body, '', sentence, '', END].join('\n');
}

/**
 * Puts `section` in the place of the one that `document` holds.
 *
 * @throws {Error} If it holds none.
 */
export function replaceSection(document: string, section: string): string {
  const begin = document.indexOf(BEGIN);
  const end = document.indexOf(END);
  if (begin < 0 || end < begin) throw new Error(`the document lacks ${BEGIN} or ${END}`);
  return `${document.slice(0, begin)}${section}${document.slice(end + END.length)}`;
}

function columnWidths(table: readonly (readonly string[])[]): number[] {
  return HEADINGS.map((_, column) => Math.max(...table.map((cells) => cells[column]?.length ?? 0)));
}
