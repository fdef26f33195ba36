/**
 * The end of a name that holds a secret. `pass` alone is none (`forward_pass: 12`), and so is `key`; a plural such as
 * `tokens` is a count.
 */
export const SECRET_WORDS =
  'pass(?:words?|wd|phrase|code)|pwd|secrets?|credentials?|token|(?<!\\w-?)pass' +
  '|(?:db|user|usr|smtp|mysql|pg|ftp|http|https|admin|root|git|redis|mail|login)[_-]?pass' +
  '|(?:api|app|access|secret|private|auth|account|signing|encryption|session|storage|client|master|deploy|license|shared)[_-]?keys?' +
  '|connection[_-]?string';

const SECRET_NAME = new RegExp(`(?:${SECRET_WORDS})(?:[_-]?\\d{1,3})?$`, 'i');

/** Names in which `token` is a piece of text or a unit of cost. */
const TEXT_TOKEN = new RegExp(
  '(?:^|[^a-z])(?:pad|padding|bos|eos|cls|class|sep|mask|unk|unknown|next|prev|previous|start|end|begin|first|last|stop' +
    '|image|special|answer|target|output|input|current|text|word|sub|per|max|min|num|n|each|every|generated|predicted|best|top)' +
    '[_-]?token$',
  'i',
);

/** The folder that a shell is in, and the one before. */
const WORKING_FOLDER = /^(?:old)?pwd$/i;

/** Whether a value with this name is a secret: `db_password`, `HF_TOKEN`, `apiKey`; not `max_tokens`, `pad_token`, `tokenizer`. */
export function isSecretName(name: string): boolean {
  // The end of a name decides: a longer one would only cost time.
  const end = name.slice(-64);
  return SECRET_NAME.test(end) && !TEXT_TOKEN.test(end) && !WORKING_FOLDER.test(end);
}

const PLAIN_WORD =
  /^(?:true|false|null|none|nil|undefined|string|str|number|int|boolean|bool|any|unknown|object|required|optional|secret|password|token|\*+|\.{3}|\[redacted\]|\[secret\]|)$/i;

const PLAIN_TOKEN = /^(?:.{0,3}|[-+]?\d+(?:\.\d+)?(?:e[-+]?\d+)?\s?[a-z/%]{0,8})$/i;

/** Whether the value of a secret name says nothing: a type, an absence, a star; for a token a number or a mere syllable. */
export function isPlainValue(name: string, value: string): boolean {
  if (value.length > 40) return false;
  return (
    PLAIN_WORD.test(value) ||
    (/(?:token|pass)(?:[_-]?\d+)?$/i.test(name) && PLAIN_TOKEN.test(value))
  );
}
