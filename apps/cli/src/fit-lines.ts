/** Text narrower than this is not wrapped further: a column of single words helps nobody. */
const COLUMN_MIN = 24;

/**
 * Breaks lines that are longer than `width` between words. The rest of a line with two columns, as in a list of options,
 * stands under its second column.
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
  for (const word of line.slice(start.length).split(' ')) {
    const last = lines.at(-1);
    const isRoom = last !== undefined && last.length + 1 + word.length <= room;
    if (isRoom) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines.map((part, index) => (index === 0 ? start : ' '.repeat(start.length)) + part);
}
