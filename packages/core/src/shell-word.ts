/** A text as a POSIX shell takes it for one word, for commands that a message shows: in quotes only where it needs them. */
export function shellWord(text: string): string {
  return /^[\w./:\\@%+=,-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
