import { stripVTControlCharacters } from 'node:util';
import type { ExpectedDifference } from './environment-policy';

/** Lines of what differs in aligned columns under their titles, each ending in a newline. */
export function differenceTable(differences: readonly ExpectedDifference[]): string {
  const rows = [
    ['what', 'expected', 'present', 'expected by'],
    ...differences.map(({ what, expected, present, source }) =>
      [what, expected ?? '-', present ?? '-', source].map(onOneLine),
    ),
  ];
  const widths = [0, 1, 2].map((column) =>
    Math.max(...rows.map((cells) => cells[column]?.length ?? 0)),
  );
  return rows
    .map((cells) => cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  '))
    .map((line) => `${line.trimEnd()}\n`)
    .join('');
}

/** What a file tells must neither break a line nor steer the terminal. */
function onOneLine(text: string): string {
  return stripVTControlCharacters(text).replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ');
}
