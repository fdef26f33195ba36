import type { TextFile } from './files';

interface Rule {
  readonly name: string;
  /** Matches within one line. */
  readonly pattern: RegExp;
  /** Matches that are meant: names that stand for anybody's, or what every user of npm has. */
  readonly allowed?: RegExp;
}

const RULES: readonly Rule[] = [
  {
    name: 'a path of one machine',
    pattern:
      /(?<![\w.~)}$*-])(?:[A-Z]:)?[/\\]{1,2}(?:work|root|farm|tmp|mnt|(?:home|Users)[/\\]+\w+)[/\\]/,
    allowed: /[/\\](?:home|Users)[/\\]+somebody[/\\]$/,
  },
  {
    name: 'the host of a registry',
    pattern:
      /\/\/(?:[^\s/@]*@)?(?:[\w-]+\.)*(?:registry|artifactory|nexus|verdaccio)\.(?:[\w-]+\.)*[a-z]{2,}|^\s*(?:@[\w-]+:)?registry\s*=|"resolved": "https?:\/\/[^/]*/,
    allowed: /\/\/registry\.npmjs\.org$/,
  },
  { name: 'a mark of unfinished work', pattern: /\b(?:TO(?:DO)|FIX(?:ME)|X{3})\b/ },
  { name: 'a mark of an unfinished merge', pattern: /^(?:<{7}|>{7})(?: |$)/ },
  {
    name: 'what looks like a secret',
    pattern: /-{5}BEGIN [A-Z ]*PRIVATE KEY-{5}|\b(?:gh[pousr]|npm)_\w{36}\b|\bAKIA[0-9A-Z]{16}\b/,
  },
];

/** A sentence for each line of `file` that holds what a public repository should not. */
export function unwantedText({ path, text }: TextFile): string[] {
  return text.split('\n').flatMap((line, index) =>
    RULES.flatMap(({ name, pattern, allowed }) => {
      const matches = line.match(new RegExp(pattern.source, 'g')) ?? [];
      return matches
        .filter((match) => allowed?.test(match) !== true)
        .map((match) => `${path}:${index + 1} holds ${name}: ${match}`);
    }),
  );
}
