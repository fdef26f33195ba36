const FORMATS: ReadonlyMap<string, string> = new Map([
  ['csv', 'text/csv'],
  ['html', 'text/html'],
  ['json', 'application/json'],
  ['jsonl', 'application/jsonl'],
  ['md', 'text/markdown'],
  ['png', 'image/png'],
  ['svg', 'image/svg+xml'],
  ['tsv', 'text/tab-separated-values'],
  ['txt', 'text/plain'],
  ['yaml', 'application/yaml'],
  ['yml', 'application/yaml'],
  ['zip', 'application/zip'],
]);

/** The media type of a file by the ending of its name. */
export function encodingFormat(path: string): string {
  const [, ending = ''] = /\.([a-z]+)$/i.exec(path) ?? [];
  return FORMATS.get(ending.toLowerCase()) ?? 'application/octet-stream';
}
