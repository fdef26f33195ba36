import { stripVTControlCharacters } from 'node:util';

/** A column of a table. */
export interface Column<Row> {
  readonly title: string;
  readonly value: (row: Row) => string;
  /** @default 'left' */
  readonly align?: 'left' | 'right';
  /** Width below which the column is not cut. @default 8 */
  readonly widthMin?: number;
}

const GAP = '  ';

/**
 * Lines of aligned columns under their titles. If they are wider than `widthMax` characters, the widest columns are cut,
 * each cut text ending in an ellipsis; columns are never left out.
 */
export function formatTable<Row>(
  rows: readonly Row[],
  { columns, widthMax }: { columns: readonly Column<Row>[]; widthMax: number },
): string {
  const cells = rows.map((row) => columns.map(({ value }) => onOneLine(value(row))));
  const titles = columns.map(({ title }) => title);
  const natural = titles.map((title, index) =>
    Math.max(title.length, ...cells.map((line) => line[index]?.length ?? 0)),
  );
  const least = columns.map(({ title, widthMin = 8 }) => Math.max(title.length, widthMin));
  const widths = fitWidths(natural, { least, total: widthMax - GAP.length * (columns.length - 1) });
  return [titles, ...cells]
    .map((line) =>
      line
        .map((text, index) =>
          pad(text, { width: widths[index] ?? 0, align: columns[index]?.align }),
        )
        .join(GAP)
        .trimEnd(),
    )
    .join('\n');
}

/** Takes from the widest columns first, until they fit or are at their least. */
function fitWidths(
  natural: readonly number[],
  { least, total }: { least: readonly number[]; total: number },
): number[] {
  const widths = [...natural];
  let excess = widths.reduce((sum, width) => sum + width, 0) - total;
  while (excess > 0) {
    const shrinkable = widths.map((width, index) => (width > (least[index] ?? 0) ? width : 0));
    const widest = Math.max(...shrinkable);
    if (widest === 0) break;
    widths[shrinkable.indexOf(widest)] = widest - 1;
    excess -= 1;
  }
  return widths;
}

function pad(
  text: string,
  { width, align }: { width: number; align: 'left' | 'right' | undefined },
): string {
  const cut = text.length > width ? `${start(text, width - 1)}…` : text;
  return align === 'right' ? cut.padStart(width) : cut.padEnd(width);
}

/** The beginning of a text, without half a character at its end. */
function start(text: string, length: number): string {
  return text.slice(0, Math.max(0, length)).replace(/[\uD800-\uDBFF]$/, '');
}

/** Text of foreign origin must neither break a line nor steer the terminal. */
function onOneLine(text: string): string {
  return stripVTControlCharacters(text).replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ');
}
