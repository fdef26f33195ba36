/** Where and why a text is no JSON (RFC 8259); `line` and `column` count from 1. */
export interface JsonFault {
  readonly problem: string;
  readonly line: number;
  readonly column: number;
}

type Kind = 'mark' | 'string' | 'scalar' | 'end' | 'unknown';

interface Token {
  readonly kind: Kind;
  /** The mark itself; empty for other tokens, which may hold a secret. */
  readonly mark: string;
  readonly start: number;
}

/** What may come next. `first` and `next` tell whether the list or object may close here, as it may not after a comma. */
type State = 'value' | 'firstItem' | 'firstKey' | 'nextKey' | 'colon' | 'afterMember' | 'end';

const WORDS: Readonly<Record<State, string>> = {
  value: 'a value is missing',
  firstItem: 'a value or "]" is missing',
  firstKey: 'a key in double quotes is missing',
  nextKey: 'a key in double quotes is missing',
  colon: 'a colon after a key is missing',
  afterMember: 'a comma or a closing bracket is missing',
  end: 'something stands after its end',
};

/**
 * The first place at which a text stops being JSON; undefined if it is JSON. The problem quotes nothing of the text, since that
 * may be a secret. (`JSON.parse` tells the place in words that differ from one version of Node.js to the next.)
 */
export function jsonFault(text: string): JsonFault | undefined {
  try {
    JSON.parse(text);
    return undefined;
  } catch {
    return firstFault(text);
  }
}

function firstFault(text: string): JsonFault {
  const open: string[] = [];
  let state: State = 'value';
  let comma: Token | undefined;
  for (const token of tokensOf(text)) {
    const next = nextState(state, token, open);
    if (next === undefined) {
      const isTrailing = comma !== undefined && (token.mark === '}' || token.mark === ']');
      const problem = isTrailing
        ? 'a comma stands before the closing bracket'
        : problemAt(state, token);
      return { problem, ...placeOf(text, (isTrailing ? comma : undefined)?.start ?? token.start) };
    }
    comma = token.mark === ',' ? token : undefined;
    state = next;
  }
  return { problem: WORDS[state], ...placeOf(text, text.length) };
}

function problemAt(state: State, { kind }: Token): string {
  if (kind === 'end' && state !== 'end') return `the text ends where ${WORDS[state]}`;
  return kind === 'unknown' && state !== 'end'
    ? `${WORDS[state]}, and what stands there is none`
    : WORDS[state];
}

/** The state after a token; undefined if it may not stand here. `open` holds the brackets that are open. */
function nextState(state: State, { kind, mark }: Token, open: string[]): State | undefined {
  const isClosing = (mark === '}' || mark === ']') && open.at(-1) === (mark === '}' ? '{' : '[');
  const mayClose = state === 'firstItem' || state === 'firstKey' || state === 'afterMember';
  if (isClosing && mayClose) {
    open.pop();
    return open.length === 0 ? 'end' : 'afterMember';
  }
  switch (state) {
    case 'value':
    case 'firstItem':
      if (mark === '{' || mark === '[') {
        open.push(mark);
        return mark === '{' ? 'firstKey' : 'firstItem';
      }
      if (kind !== 'string' && kind !== 'scalar') return undefined;
      return open.length === 0 ? 'end' : 'afterMember';
    case 'firstKey':
    case 'nextKey':
      return kind === 'string' ? 'colon' : undefined;
    case 'colon':
      return mark === ':' ? 'value' : undefined;
    case 'afterMember':
      if (mark !== ',') return undefined;
      return open.at(-1) === '{' ? 'nextKey' : 'value';
    case 'end':
      return kind === 'end' ? 'end' : undefined;
  }
}

const STRING = /"(?:[^"\\\x00-\x1f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y;
const SCALAR = /(?:-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null)(?![\w.+-])/y;
const SPACE = /[ \t\n\r]*/y;

function* tokensOf(text: string): Generator<Token> {
  for (let start = endOf(SPACE, text, 0) ?? 0; start < text.length;) {
    const character = text.charAt(start);
    const isMark = '{}[]:,'.includes(character);
    const string = endOf(STRING, text, start);
    const end = isMark ? start + 1 : (string ?? endOf(SCALAR, text, start));
    if (end === undefined) yield { kind: 'unknown', mark: '', start };
    if (end === undefined) return;
    const other = string === undefined ? 'scalar' : 'string';
    yield { kind: isMark ? 'mark' : other, mark: isMark ? character : '', start };
    start = endOf(SPACE, text, end) ?? end;
  }
  yield { kind: 'end', mark: '', start: text.length };
}

/** Where a match that begins at `start` ends. */
function endOf(pattern: RegExp, text: string, start: number): number | undefined {
  pattern.lastIndex = start;
  return pattern.test(text) ? pattern.lastIndex : undefined;
}

function placeOf(text: string, offset: number): { line: number; column: number } {
  const lines = text.slice(0, offset).split(/\r\n|\r|\n/);
  return { line: lines.length, column: (lines.at(-1) ?? '').length + 1 };
}
