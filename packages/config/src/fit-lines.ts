/** Text narrower than this is not wrapped further: a column of single words helps nobody. */
const COLUMN_MIN = 24;

/**
 * Breaks lines that are longer than `width` between words. The rest of a line with two columns, as in a list of options,
 * stands under its second column. A list of choices `a|b|c` that is longer than its column is broken behind a `|`, other words never.
 */
export function fitLines(text: string, width: number): string {
  return text
    .split('\n')
    .flatMap((line) => fitLine(line, width))
    .join('\n');
}

function fitLine(line: string, width: number): string[] {
  if (line.length <= width) return [line];
  const [start = ''] = /^ *(?:\S+(?: \S+)* {2,})?/.exec(line) ?? [];
  const room = width - start.length;
  if (room < COLUMN_MIN) return [line];
  const lines: string[] = [];
  for (const [space, piece] of piecesOf(line.slice(start.length), room)) {
    const last = lines.at(-1);
    const isRoom = last !== undefined && `${last}${space}${piece}`.length <= room;
    if (isRoom) lines[lines.length - 1] = `${last}${space}${piece}`;
    else lines.push(piece);
  }
  return lines.map((part, index) => (index === 0 ? start : ' '.repeat(start.length)) + part);
}

/** What may stand on a line of its own, each with what parts it from the one before. */
function piecesOf(text: string, room: number): [space: string, piece: string][] {
  return text.split(' ').flatMap((word) => {
    const parts = word.length > room ? word.split(/(?<=\|)/) : [word];
    return parts.map((part, index): [string, string] => [index === 0 ? ' ' : '', part]);
  });
}
