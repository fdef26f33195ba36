import { LineCounter, parseDocument, visit, type Scalar, type YAMLMap, type YAMLSeq } from 'yaml';

/** Text that is no YAML that a configuration may use; `line` and `column` count from 1. */
export class YamlSyntaxError extends SyntaxError {
  override name = 'YamlSyntaxError';

  constructor(
    problem: string,
    readonly line?: number,
    readonly column?: number,
  ) {
    super(problem);
  }
}

/** Longest text that is read, in UTF-16 code units. Checking that keys are unique takes quadratic time. */
export const YAML_LENGTH_MAX = 128 * 1024;

const ALIASES_MAX = 100;

/**
 * Reads one YAML 1.2 document of the core schema, hence JSON too. Mappings come as Maps, since no key can harm a Map.
 * Refused are tags, directives, several documents, duplicate keys, keys that are not text, and aliases that expand
 * beyond measure.
 *
 * @throws {YamlSyntaxError}
 */
export function parseYaml(text: string): unknown {
  if (text.length > YAML_LENGTH_MAX) {
    throw new YamlSyntaxError(`longer than ${YAML_LENGTH_MAX} characters`);
  }
  const lines = new LineCounter();
  function refuseTag(_key: unknown, node: Scalar | YAMLMap | YAMLSeq): void {
    if (node.tag === undefined) return;
    throw syntaxErrorAt('tags are not allowed', node.range?.[0] ?? 0, lines);
  }
  const document = parseDocument(text, {
    lineCounter: lines,
    prettyErrors: false,
    schema: 'core',
    stringKeys: true,
  });
  const [problem] = [...document.errors, ...document.warnings];
  if (problem !== undefined)
    throw syntaxErrorAt(withoutQuotation(problem.message), problem.pos[0], lines);
  if (document.directives.yaml.explicit === true) {
    throw syntaxErrorAt('directives are not allowed', 0, lines);
  }
  visit(document, { Scalar: refuseTag, Collection: refuseTag });
  try {
    return document.toJS({ mapAsMap: true, maxAliasCount: ALIASES_MAX });
  } catch (error) {
    if (!(error instanceof ReferenceError)) throw error;
    throw new YamlSyntaxError(withoutQuotation(error.message));
  }
}

// Starts as a word or a number and holds no character that means something in YAML; or YAML's other null.
const PLAIN_SCALAR = /^(?:[-+]?\.?\w[\w.+-]*|~)$/;

/**
 * Reads the value of an override. `null`, `true`, `1e-3`, `.5` and the like are what YAML's core schema makes of them;
 * what begins with `[`, `{`, `"` or `'` is YAML (hence JSON) too; anything else, such as a path, is text as it stands.
 *
 * @throws {YamlSyntaxError}
 */
export function parseOverrideValue(text: string): unknown {
  return PLAIN_SCALAR.test(text) || /^[[{"']/.test(text) ? parseYaml(text) : text;
}

function syntaxErrorAt(problem: string, offset: number, lines: LineCounter): YamlSyntaxError {
  const { line, col } = lines.linePos(offset);
  return new YamlSyntaxError(problem, line, col);
}

/** What follows a colon in the parser's words quotes the text, which may hold a secret; line and column tell as much. */
function withoutQuotation(message: string): string {
  return message.replace(/: [^]*$/, '');
}
