import ts from 'typescript';
import { type ErrorClass, errorClasses, exitCodeOf, exitCodesOf } from './error-classes';
import {
  bindingsOf,
  type Bound,
  type Callable,
  descendants,
  enclosingCallable,
  outerScope,
  type ParsedSource,
  parseSources,
  propertyOf,
  resolved,
  type Scope,
  type SourceText,
} from './source-code';
import { isUnknown, textsOf } from './text-of';

/** One way to end a program with an error. */
export interface RaisedError {
  readonly code: string;
  /** Null for an interruption: 128 and the number of the signal. */
  readonly exitCode: number | null;
  /** What is wrong; values of the moment stand as names in braces. */
  readonly message: string;
  readonly remedy: string;
  /** Name of the package that raises it. */
  readonly owner: string;
}

/** What {@link findErrors} found. */
export interface FoundErrors {
  readonly errors: readonly RaisedError[];
  /** `path:line` of the places whose code could not be told. */
  readonly unknown: readonly string[];
}

/** Calls that lead from an exported function to an error are followed so far. */
const CALLS_MAX = 4;

/** A place where an error is made, with what its message and options are there. */
interface Creation {
  readonly source: ParsedSource;
  readonly node: ts.Node;
  readonly exitCode: number | null;
  readonly message: ts.Expression;
  readonly options: ts.Expression;
}

/**
 * Finds every error that the sources make of a class that descends from `PixelisError`, with its code, message and remedy. Where
 * these are parameters of a function, each call of it counts.
 *
 * @param texts Among them the file that declares `EXIT_CODES`.
 */
export function findErrors(texts: readonly SourceText[]): FoundErrors {
  const sources = parseSources(texts);
  const exitCodes = exitCodesOf(sources);
  const classes = errorClasses(sources, exitCodes);
  const errors = new Map<string, RaisedError>();
  const unknown: string[] = [];
  const world: World = { calls: callsByName(sources), outer: outerScope(sources) };
  for (const creation of sources.flatMap((source) => creationsIn(source, classes))) {
    const found = scopesOf(creation, world).flatMap((scope) => errorsOf(creation, scope));
    if (found.length === 0) unknown.push(placeOf(creation));
    for (const error of found) errors.set(JSON.stringify(error), error);
  }
  for (const error of sources.flatMap((source) =>
    plainErrors(source, { exitCodes, outer: world.outer }),
  )) {
    errors.set(JSON.stringify(error), error);
  }
  return { errors: [...errors.values()], unknown };
}

function creationsIn(source: ParsedSource, classes: ReadonlyMap<string, ErrorClass>): Creation[] {
  return [...descendants(source.file)].flatMap((node): Creation[] => {
    const made = madeClass(node, classes);
    if (made === undefined) return [];
    const [message, options] = made.args;
    if (message === undefined || options === undefined) return [];
    return [{ source, node, exitCode: made.exitCode, message, options }];
  });
}

/** `new SomeError(message, options)`, or `super(message, options)` in the constructor of one that takes other arguments. */
function madeClass(
  node: ts.Node,
  classes: ReadonlyMap<string, ErrorClass>,
): { exitCode: number | null; args: readonly ts.Expression[] } | undefined {
  if (ts.isNewExpression(node) && ts.isIdentifier(node.expression)) {
    const found = classes.get(node.expression.text);
    if (found === undefined || takesOther(found, classes)) return undefined;
    return { exitCode: found.exitCode, args: node.arguments ?? [] };
  }
  if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.SuperKeyword) {
    const owner = classes.get(enclosingCallable(node)?.name ?? '');
    const parent = classes.get(owner?.parent ?? '');
    if (owner === undefined || (parent !== undefined && takesOther(parent, classes)))
      return undefined;
    return { exitCode: owner.exitCode, args: node.arguments };
  }
  return undefined;
}

function takesOther(
  { hasConstructor, parent }: ErrorClass,
  classes: ReadonlyMap<string, ErrorClass>,
): boolean {
  const above = classes.get(parent);
  return hasConstructor || (above !== undefined && takesOther(above, classes));
}

type Call = ts.CallExpression | ts.NewExpression;

/** All sources at a glance. */
interface World {
  readonly calls: ReadonlyMap<string, readonly Call[]>;
  readonly outer: Scope;
}

/** Calls of each name: of a function, of a method by its own name, of a constructor by its class. */
function callsByName(sources: readonly ParsedSource[]): Map<string, Call[]> {
  const calls = new Map<string, Call[]>();
  for (const node of sources.flatMap(({ file }) => [...descendants(file)])) {
    if (!ts.isCallExpression(node) && !ts.isNewExpression(node)) continue;
    const callee = ts.isPropertyAccessExpression(node.expression)
      ? node.expression.name
      : node.expression;
    if (!ts.isIdentifier(callee) && !ts.isPrivateIdentifier(callee)) continue;
    const known = calls.get(callee.text);
    if (known === undefined) calls.set(callee.text, [node]);
    else known.push(node);
  }
  return calls;
}

/** What the parameters around an error are, for each call that decides its code, its message or its remedy. */
function scopesOf(creation: Creation, world: World): Scope[] {
  const callable = enclosingCallable(creation.node);
  if (callable === undefined || !dependsOn(callable, creation, world)) return [world.outer];
  const scopes = callScopes(callable, { world, depth: 0 });
  return scopes.length === 0 ? [world.outer] : scopes;
}

function callScopes(
  callable: Callable,
  { world, depth }: { readonly world: World; readonly depth: number },
): Scope[] {
  if (depth >= CALLS_MAX) return [];
  return (world.calls.get(callable.name) ?? [])
    .filter((call) => canReach(call, callable))
    .flatMap((call) => {
      const args = [...(call.arguments ?? [])];
      const caller = enclosingCallable(call);
      const outer =
        caller !== undefined &&
        caller.node !== callable.node &&
        namesParameterOf(caller, args, world)
          ? callScopes(caller, { world, depth: depth + 1 })
          : [];
      return (outer.length === 0 ? [world.outer] : outer).map((scope) =>
        bindingsOf(callable, { args, scope }),
      );
    });
}

/** A call by name means a function of the same file, or one that its file imports. */
function canReach(call: Call, { node, name }: Callable): boolean {
  const file = call.getSourceFile();
  if (file === node.getSourceFile()) return true;
  return file.statements.some(
    (statement) =>
      ts.isImportDeclaration(statement) &&
      statement.importClause?.namedBindings !== undefined &&
      ts.isNamedImports(statement.importClause.namedBindings) &&
      statement.importClause.namedBindings.elements.some(
        (element) => (element.propertyName ?? element.name).text === name,
      ),
  );
}

/** Whether a message is a parameter, or the code or the remedy hang on one in any way. */
function dependsOn(callable: Callable, { message, options }: Creation, world: World): boolean {
  const object: Bound = { expression: options, scope: world.outer };
  const parts = ['code', 'remedy'].flatMap((key) => propertyOf(object, key)?.expression ?? []);
  const names = ts.isIdentifier(message) ? [message] : [];
  const expressions = [...parts, ...names, ...(parts.length < 2 ? [options] : [])];
  return namesParameterOf(callable, expressions, world);
}

function namesParameterOf(
  { node }: Callable,
  expressions: readonly ts.Expression[],
  { outer }: World,
): boolean {
  const parameters = new Set(
    node.parameters.flatMap(({ name }) =>
      [...descendants(name)].flatMap((part) => (ts.isIdentifier(part) ? [part.text] : [])),
    ),
  );
  return expressions.some((expression) => {
    const { expression: meant } = resolved({ expression, scope: outer });
    return [...descendants(meant)].some(
      (part) => ts.isIdentifier(part) && parameters.has(part.text),
    );
  });
}

function errorsOf({ source, exitCode, message, options }: Creation, scope: Scope): RaisedError[] {
  const object: Bound = { expression: options, scope };
  const textsOfKey = (key: string) => {
    const value = propertyOf(object, key);
    return value === undefined ? [] : textsOf(value);
  };
  const codes = textsOfKey('code').filter((code) => !isUnknown(code));
  const remedies = textsOfKey('remedy');
  const messages = textsOf({ expression: message, scope });
  // Codes, messages and remedies that one condition chooses belong together.
  return codes.flatMap((code, index) =>
    pairs(chosen(messages, { codes, index }), chosen(remedies, { codes, index })).map(
      ([text, remedy]) => ({ code, exitCode, message: text, remedy, owner: source.owner }),
    ),
  );
}

function chosen(
  texts: readonly string[],
  { codes, index }: { readonly codes: readonly string[]; readonly index: number },
): string[] {
  const text = texts[index];
  return codes.length > 1 && texts.length === codes.length && text !== undefined
    ? [text]
    : [...texts];
}

function pairs(messages: readonly string[], remedies: readonly string[]): [string, string][] {
  return messages.flatMap((message) =>
    remedies.map((remedy): [string, string] => [message, remedy]),
  );
}

/** Failures that are no instances of a class: objects with a code, a remedy and an exit code, and the system's errors. */
function plainErrors(
  { file, owner }: ParsedSource,
  {
    exitCodes,
    outer,
  }: { readonly exitCodes: Readonly<Record<string, number>>; readonly outer: Scope },
): RaisedError[] {
  return [...descendants(file)].flatMap((node) => {
    if (!ts.isExpression(node) || !ts.isObjectLiteralExpression(node)) return [];
    const object: Bound = { expression: node, scope: outer };
    const [code, remedy, message, exitCode, reason] = [
      'code',
      'remedy',
      'message',
      'exitCode',
      'reason',
    ].map((key) => propertyOf(object, key));
    if (code === undefined || remedy === undefined) return [];
    const ended = exitCodeOf(exitCode?.expression, exitCodes);
    const isSystem = reason !== undefined && file.fileName.endsWith('/system-error.ts');
    if (!isSystem && (ended === undefined || message === undefined)) return [];
    const texts = isSystem
      ? textsOf(reason).map((text) => `cannot {action} {path}: ${text}`)
      : message === undefined
        ? []
        : textsOf(message);
    return textsOf(code).flatMap((name) =>
      pairs(texts, textsOf(remedy)).map(([text, mend]) => ({
        code: name,
        exitCode: ended ?? exitCodes['data'] ?? null,
        message: text,
        remedy: mend,
        owner,
      })),
    );
  });
}

function placeOf({ source, node }: Creation): string {
  return `${source.path}:${source.file.getLineAndCharacterOfPosition(node.getStart()).line + 1}`;
}
