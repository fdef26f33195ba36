import type { RaisedError } from './find-errors';

/** Exit codes in the order of the document, and what each means. */
const SECTIONS: readonly (readonly [exitCode: number | null, title: string])[] = [
  [0, '0: done'],
  [1, '1: a defect in the program'],
  [2, '2: wrong usage or configuration'],
  [3, '3: environment mismatch'],
  [4, '4: data or disk'],
  [5, '5: integrity'],
  [6, '6: a remote could not be reached'],
  [null, '130 and 143: interrupted by SIGINT or SIGTERM'],
];

const HEADER = `# Errors

Every mistake ends a program with two lines on stderr, \`error: …\` and \`remedy: …\`, and with one of these exit codes. With \`--json\`, stdout holds
\`{"error": {"code", "message", "remedy", "exit_code"}}\`: branch on \`code\`, never on a message. Words in braces stand for values of the moment.

\`npm run docs:errors\` makes this page from the sources; a test fails where they differ.`;

/** The text of `docs/errors.md`: for each exit code a table of codes, what they mean, how to mend it, and who raises them. */
export function errorsDocument(errors: readonly RaisedError[]): string {
  const sections = SECTIONS.flatMap(([exitCode, title]) => {
    const rows = rowsOf(errors.filter((error) => error.exitCode === exitCode));
    if (rows.length === 0) return [];
    const head = ['| Code | What is wrong | Remedy | Raised in |', '| --- | --- | --- | --- |'];
    // Columns as wide as the longest message could not be read as text.
    const table = [
      '<!-- prettier-ignore-start -->',
      '',
      ...head,
      ...rows,
      '',
      '<!-- prettier-ignore-end -->',
    ];
    return [[`## ${title}`, '', ...table].join('\n')];
  });
  return `${[HEADER, ...sections].join('\n\n')}\n`;
}

/** Codes that end a program with more than one exit code: a program that branches on them could not tell what happened. */
export function ambiguousCodes(errors: readonly RaisedError[]): string[] {
  const endings = new Map<string, Map<string, Set<string>>>();
  for (const { code, exitCode, owner } of errors) {
    const ofCode = endings.get(code) ?? new Map<string, Set<string>>();
    const ending = String(exitCode ?? 'interrupted');
    ofCode.set(ending, (ofCode.get(ending) ?? new Set()).add(owner));
    endings.set(code, ofCode);
  }
  return [...endings]
    .filter(([, ofCode]) => ofCode.size > 1)
    .map(
      ([code, ofCode]) =>
        `${code}: ${[...ofCode]
          .map(([ending, owners]) => `${ending} in ${[...owners].sort().join(', ')}`)
          .sort()
          .join('; ')}`,
    )
    .sort();
}

function rowsOf(errors: readonly RaisedError[]): string[] {
  const owners = new Map<string, Set<string>>();
  for (const { code, message, remedy, owner } of errors) {
    const row = [`\`${code}\``, cell(message), cell(remedy)].join(' | ');
    owners.set(row, (owners.get(row) ?? new Set()).add(owner));
  }
  return [...owners].map(([row, names]) => `| ${row} | ${[...names].sort().join(', ')} |`).sort();
}

/** Text that Markdown takes for nothing but text, on one line of a table. */
function cell(text: string): string {
  return text
    .replace(/\s+/g, ' ')
    .trim()
    .replace(/[\\`*[\]<>#|~&]|(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])/gu, '\\$&');
}
