import { isPlainValue, isSecretName, SECRET_WORDS } from './secret-name';

/** What stands for a secret. */
export const REDACTED = '[redacted]';

/** A rule is tried only where the text holds one of its hints, so that ordinary text costs one search. */
interface Rule {
  readonly hint: RegExp;
  readonly redact: (text: string) => string;
}

/** Where a token may begin: not within a word, unless that is the letter of an escape (`\n`) or a percent sign's (`%20`). */
const START = String.raw`(?:(?<![\w-])|(?<=\\[bfnrtv]|%[0-9a-fA-F]{2}))`;

const PRIVATE_KEY = '[A-Z0-9 ]{0,40}PRIVATE KEY[A-Z ]{0,10}-----';

/**
 * Every quantifier is bounded, or its characters cannot begin the same rule again: so the time is linear in the length of the
 * text. What a token is made of is taken whole, so that nothing of it is left and a second run finds nothing new.
 */
const RULES: readonly Rule[] = [
  rule(
    /-----BEGIN /,
    String.raw`-----BEGIN ${PRIVATE_KEY}` +
      String.raw`(?:(?:(?!-----BEGIN )[^]){0,20000}?-----END ${PRIVATE_KEY}` +
      String.raw`|(?:[\s\\nr"'+,-]{0,12}[A-Za-z0-9+/=]{16,}){0,1000})`,
  ),
  rule(
    /:\/\//,
    String.raw`(:\/\/)(?:[^\s/?#"'<>\`]*@|[^\s@/:?#"'<>\`]{0,256}:(?!\d+[/?#])[^\s@"'<>\`]{1,256}@)`,
    (_, start) => `${start}${REDACTED}@`,
  ),
  rule(/gh[pousr]_/, String.raw`gh[pousr]_[A-Za-z0-9]{20,}`),
  rule(/github_pat_/, String.raw`github_pat_\w{20,}`),
  rule(/gl[a-z]{1,8}-/, String.raw`gl(?:pat|dt|ptt|rt|cbt|oas|soat|ft|imt|agent)-[\w-]{20,}`),
  rule(/hf_/, String.raw`(?:${START}|_)(?:hf|api_org)_[A-Za-z0-9]{30,}`),
  rule(
    /dckr_pat_|do[op]_v1_|dapi|r8_|gsk_|xai-|pplx-|wandb_v1_|nvapi-|SG\./,
    String.raw`${START}(?:dckr_pat_|do[op]_v1_|dapi(?=\w*\d)|r8_|gsk_|xai-|pplx-|wandb_v1_|nvapi-|SG\.)[\w-]{20,}(?:\.[\w-]{20,})?`,
  ),
  rule(/npm_/, String.raw`npm_[A-Za-z0-9]{36,}`),
  rule(/pypi-/, String.raw`pypi-[\w-]{50,}`),
  rule(/sk[-_]|rk_/, String.raw`${START}(?:sk-(?=[\w-]*\d)[\w-]{20,}|[sr]k_(?:live|test)_\w{16,})`),
  rule(
    /A[KS]IA/,
    String.raw`A[KS]IA[A-Z2-7]{12}[A-Z0-9]{4}(?![a-z])(?:[\s,:;"'|]{1,4}[A-Za-z0-9/+]{40}(?![A-Za-z0-9/+]))?`,
  ),
  rule(/AIza|GOCSPX-|ya29\./, String.raw`AIza[\w-]{35,}|GOCSPX-[\w-]{20,}|ya29\.[\w.-]{20,}`),
  rule(/xox|xapp-/, String.raw`(?:xox[a-z]|xapp)-[\w-]{10,}`),
  rule(
    /hooks\.slack\.com/,
    String.raw`(hooks\.slack\.com\/\w{1,20}\/)[\w/]{10,}`,
    (_, start) => `${start}${REDACTED}`,
  ),
  rule(/eyJ/, String.raw`${START}eyJ[\w-]{8,}\.[\w-]{4,}(?:\.[\w-]*){0,3}`),
  rule(
    /wandb/i,
    String.raw`(wandb(?:(?!commit|sha|rev|\[redacted)[^\n]){0,60}?(?<![0-9a-z]))[0-9a-f]{40}(?![0-9a-z])`,
    (_, start) => `${start}${REDACTED}`,
    'gi',
  ),
  rule(
    /b(?:earer|asic)\s/i,
    String.raw`\b((?:[Bb]earer|[Bb]asic|BEARER|BASIC)\s{1,4})(?=[\w.~+/=-]*(?:\d|[a-z][A-Z]|==))[\w.~+/=-]{8,}`,
    (_, start) => `${start}${REDACTED}`,
  ),
  rule(
    /(?:authorization|cookie)/i,
    String.raw`((?:authorization|cookie)(?:\\*["'])?[ \t]{0,4}[:=][ \t]{0,4}(?:\\*["'])?)(?:\[redacted\]|[^\s"'\\])[^\n"'\\]*`,
    (_, start) => `${start}${REDACTED}`,
    'gi',
  ),
  rule(
    /password/i,
    String.raw`(\blogin\s{1,8}[^\s]{1,256}\s{1,8}password\s{1,8})[^\s]{1,1024}`,
    (_, start) => `${start}${REDACTED}`,
    'gi',
  ),
  rule(
    /[?&](?:sig|key|auth|code|x-)|"key/i,
    String.raw`([?&](?:sig|signature|key|auth|code|x-(?:amz|goog)-signature)=|"key":\s{0,4}"(?=[0-9a-f]{32}"))[^\s"'&#<>\`]+`,
    (_, start) => `${start}${REDACTED}`,
    'gi',
  ),
  { hint: new RegExp(SECRET_WORDS, 'i'), redact: redactAssignments },
];

const ANY_HINT = new RegExp(RULES.map(({ hint }) => hint.source).join('|'), 'i');

/**
 * The text without its secrets: credentials in addresses (`scheme://user:password@`), tokens of known shapes (of code hosts,
 * package registries, clouds, trackers, services with keys `sk-…`, and JSON web tokens), authorisation headers, private keys, and what is assigned to a name such as `password`, `token` or `api_key`, in an option, a query, JSON,
 * YAML or code; each becomes `[redacted]`. Ordinary text, hashes among it, stays. The time is linear in the length, and
 * redacting twice changes nothing more.
 *
 * It knows shapes, not meanings: a secret that looks like nothing, under a name that says nothing, stays.
 */
export function redactSecrets(text: string): string {
  if (!ANY_HINT.test(text)) return text;
  return RULES.reduce((redacted, { hint, redact }) => {
    return hint.test(redacted) ? redact(redacted) : redacted;
  }, text);
}

function rule(
  hint: RegExp,
  pattern: string,
  replace: (match: string, start: string) => string = () => REDACTED,
  flags = 'g',
): Rule {
  const expression = new RegExp(pattern, flags);
  return { hint, redact: (text) => text.replace(expression, replace) };
}

/** A secret name and what stands between it and its value; `--token value` has a space alone. */
const ASSIGNMENT = new RegExp(
  String.raw`(${SECRET_WORDS})((?:[_-]?\d{1,3})?)` +
    String.raw`(?:((?:\\*["'\`])?\]?[ \t]{0,8}(?::=|=>|={1,3}|:)[ \t]{0,8}|%3[dD])|([ \t]{1,8}))(?!=)`,
  'gi',
);

/**
 * A value: in quotes up to the closing quote, which as many backslashes escape as the opening one; else up to white space, a
 * quote, an ampersand or an angle bracket, and without the punctuation that ends it. An unfinished quote ends with the line.
 */
const VALUE = new RegExp(
  [
    String.raw`(\\*)(["'\`])(?<quoted>(?:(?!\1\2)(?:[^\\\n]|\\+["'\`]?))*)`,
    String.raw`(?<bare>(?:\[redacted\]|[^\s"'\`&<>,;)\]}\\]|[,;)\]}\\]+(?![\s"'\`&<>,;)\]}\\]|$))+)`,
  ].join('|'),
  'y',
);

function redactAssignments(text: string): string {
  const parts: string[] = [];
  let from = 0;
  for (const match of text.matchAll(ASSIGNMENT)) {
    const [whole, word = '', digits = '', separator] = match;
    if (match.index < from) continue;
    const nameStart = skipBack(text, { from: match.index, characters: NAME_CHARACTER });
    const name = text.slice(nameStart, match.index) + word + digits;
    const start = match.index + whole.length;
    if (!isSecretName(name)) continue;
    if (separator === undefined && (!name.startsWith('-') || text[start] === '-')) continue;
    const value = valueAt(text, start);
    if (value === undefined || isPlainValue(name, value.secret)) continue;
    // As in YAML, an INI file, or a diff of them.
    const isLine = value.isBare && separator?.endsWith(' ') === true && beginsLine(text, nameStart);
    parts.push(text.slice(from, value.end - value.secret.length), REDACTED);
    from = isLine ? endOfLineValue(text, value.end) : value.end;
  }
  return parts.length === 0 ? text : parts.join('') + text.slice(from);
}

const NAME_CHARACTER = /[\w.-]/;
const INDENT_CHARACTER = /[ \t"'+-]/;

function beginsLine(text: string, index: number): boolean {
  const start = skipBack(text, { from: index, characters: INDENT_CHARACTER });
  return start === 0 || text[start - 1] === '\n';
}

/** The start of the run of `characters` that ends at `from`; of at most 64. */
function skipBack(
  text: string,
  { from, characters }: { from: number; characters: RegExp },
): number {
  const least = Math.max(0, from - 64);
  let index = from;
  while (index > least && characters.test(text.charAt(index - 1))) index -= 1;
  return index;
}

function valueAt(
  text: string,
  start: number,
): { secret: string; end: number; isBare: boolean } | undefined {
  VALUE.lastIndex = start;
  const groups = VALUE.exec(text)?.groups;
  const quoted = groups?.['quoted'];
  const secret = quoted ?? groups?.['bare'];
  if (secret === undefined) return undefined;
  return { secret, end: VALUE.lastIndex, isBare: quoted === undefined };
}

/** The end of a value without quotes that is all that is left of its line; a comment or mere punctuation is no part of it. */
function endOfLineValue(text: string, index: number): number {
  const line = text.indexOf('\n', index);
  const rest = text.slice(index, line === -1 ? text.length : line).trimEnd();
  return /^[\s,;)\]}]*(?:$|[#/])/.test(rest) ? index : index + rest.length;
}
