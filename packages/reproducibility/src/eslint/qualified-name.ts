import type { Rule, Scope, SourceCode } from 'eslint';
import { isBuiltin } from 'node:module';
import { keyOf, type NodeOf, type SyntaxNode, unwrapped } from './syntax';

/** Other names of the same things. */
const SAME: Readonly<Record<string, string>> = {
  'node:crypto.webcrypto': 'crypto',
  'node:perf_hooks.performance': 'performance',
  'node:process': 'process',
};

const GLOBAL_OBJECTS: ReadonlySet<string> = new Set(['global', 'globalThis', 'self', 'window']);

/**
 * What an expression stands for, wherever it was renamed, destructured or imported: `Math.random` for a global and its
 * property, `node:crypto.randomBytes` or `@tensorflow/tfjs.layers.dropout` for what a module exports.
 *
 * @returns Undefined for anything else: locals that are computed or written more than once, parameters, computed keys.
 */
export function qualifiedName(node: SyntaxNode, code: SourceCode): string | undefined {
  return nameOf(node, { code, seen: new Set() });
}

/** Calls `visit` for each place that gets at something with a name: `a.b`, `const { b } = a`, `import { b } from 'a'`. */
export function accessListener(
  code: SourceCode,
  visit: (node: SyntaxNode, name: string) => void,
): Rule.RuleListener {
  function visitPattern(pattern: SyntaxNode, source: SyntaxNode | null | undefined): void {
    if (pattern.type !== 'ObjectPattern' || source === null || source === undefined) return;
    const object = qualifiedName(source, code);
    if (object === undefined) return;
    for (const { node, keys } of patternLeaves(pattern)) visit(node, join(object, keys));
  }
  return {
    MemberExpression(node) {
      const { parent } = node;
      if (parent.type === 'AssignmentExpression' && parent.left === node) return;
      const name = qualifiedName(node, code);
      if (name !== undefined) visit(node, name);
    },
    VariableDeclarator(node) {
      visitPattern(node.id, node.init);
    },
    AssignmentExpression(node) {
      visitPattern(node.left, node.right);
    },
    ImportSpecifier(node) {
      const { parent } = node;
      if (parent.type !== 'ImportDeclaration') return;
      visit(node, join(moduleName(String(parent.source.value)), [importedName(node)]));
    },
  };
}

/** The variable that an identifier stands for; undefined for a global that nothing declares. */
export function variableOf(
  node: NodeOf<'Identifier'>,
  code: SourceCode,
): Scope.Variable | undefined {
  return variableNamed(node.name, { at: node, code });
}

/** The variable that a name stands for at a node. */
export function variableNamed(
  name: string,
  { at, code }: { readonly at: SyntaxNode; readonly code: SourceCode },
): Scope.Variable | undefined {
  let scope: Scope.Scope | null = code.getScope(at);
  for (; scope !== null; scope = scope.upper) {
    const variable = scope.set.get(name);
    if (variable !== undefined) return variable;
  }
  return undefined;
}

/** Whether the variable is given a value once, where it is declared. */
export function isConstant(variable: Scope.Variable): boolean {
  const [definition] = variable.defs;
  return (
    definition?.type === 'Variable' &&
    variable.references.every((reference) => reference.init === true || !reference.isWrite())
  );
}

/** The expression that a constant was declared with, followed through further constants; `node` itself if it is none. */
export function constantExpression(node: SyntaxNode, code: SourceCode): SyntaxNode {
  const seen = new Set<Scope.Variable>();
  let expression = unwrapped(node);
  while (expression.type === 'Identifier') {
    const variable = variableOf(expression, code);
    if (variable === undefined || seen.has(variable) || !isConstant(variable)) return expression;
    seen.add(variable);
    const initial = initialOf(variable);
    if (initial?.keys.length !== 0) return expression;
    expression = unwrapped(initial.source);
  }
  return expression;
}

interface Search {
  readonly code: SourceCode;
  /** Variables that were followed: one may be declared by itself. */
  readonly seen: Set<Scope.Variable>;
}

function nameOf(node: SyntaxNode, search: Search): string | undefined {
  const expression = unwrapped(node);
  switch (expression.type) {
    case 'Identifier':
      return nameOfIdentifier(expression, search);
    case 'MemberExpression': {
      const key = keyOf(expression);
      const object = key === undefined ? undefined : nameOf(expression.object, search);
      return object === undefined || key === undefined ? undefined : join(object, [key]);
    }
    case 'AwaitExpression':
      return expression.argument.type === 'ImportExpression'
        ? literalModule(expression.argument.source)
        : undefined;
    case 'CallExpression': {
      const { callee, arguments: words } = expression;
      const isRequire = callee.type === 'Identifier' && callee.name === 'require';
      return isRequire ? literalModule(words[0]) : undefined;
    }
    default:
      return undefined;
  }
}

function nameOfIdentifier(node: NodeOf<'Identifier'>, search: Search): string | undefined {
  const variable = variableOf(node, search.code);
  const definition = variable?.defs[0];
  if (variable === undefined || definition === undefined) return node.name;
  if (search.seen.has(variable)) return undefined;
  search.seen.add(variable);
  if (definition.type === 'ImportBinding') return nameOfImport(definition);
  const initial = isConstant(variable) ? initialOf(variable) : undefined;
  const source = initial === undefined ? undefined : nameOf(initial.source, search);
  return initial === undefined || source === undefined ? undefined : join(source, initial.keys);
}

function nameOfImport({ node, parent }: Scope.Definition): string | undefined {
  const specifier: SyntaxNode = node;
  if (parent?.type !== 'ImportDeclaration') return undefined;
  const module = moduleName(String(parent.source.value));
  if (specifier.type === 'ImportSpecifier') return join(module, [importedName(specifier)]);
  return module;
}

interface Initial {
  readonly source: SyntaxNode;
  /** Where in the value of `source` the variable's value is. */
  readonly keys: readonly string[];
}

function initialOf({ defs, name }: Scope.Variable): Initial | undefined {
  const declarator: SyntaxNode | undefined = defs[0]?.node;
  if (declarator?.type !== 'VariableDeclarator' || !declarator.init) return undefined;
  if (declarator.id.type === 'Identifier') return { source: declarator.init, keys: [] };
  const leaf = patternLeaves(declarator.id).find((candidate) => candidate.local === name);
  return leaf && { source: declarator.init, keys: leaf.keys };
}

interface PatternLeaf {
  readonly node: SyntaxNode;
  /** Name of the variable; undefined if the value goes elsewhere. */
  readonly local: string | undefined;
  readonly keys: readonly string[];
}

/** The properties that a pattern takes out, without those under computed keys. */
function patternLeaves(pattern: SyntaxNode, outer: readonly string[] = []): PatternLeaf[] {
  if (pattern.type !== 'ObjectPattern') return [];
  return pattern.properties.flatMap((property) => {
    const key = property.type === 'Property' ? keyOf(property) : undefined;
    if (property.type !== 'Property' || key === undefined) return [];
    const { value } = property;
    const target = value.type === 'AssignmentPattern' ? value.left : value;
    const keys = [...outer, key];
    if (target.type === 'ObjectPattern') return patternLeaves(target, keys);
    return [
      { node: property, local: target.type === 'Identifier' ? target.name : undefined, keys },
    ];
  });
}

function importedName({ imported }: NodeOf<'ImportSpecifier'>): string {
  return imported.type === 'Identifier' ? imported.name : String(imported.value);
}

function literalModule(node: SyntaxNode | undefined): string | undefined {
  return node?.type === 'Literal' && typeof node.value === 'string'
    ? moduleName(node.value)
    : undefined;
}

function moduleName(specifier: string): string {
  const name =
    !specifier.startsWith('node:') && isBuiltin(specifier) ? `node:${specifier}` : specifier;
  return SAME[name] ?? name;
}

function join(object: string, keys: readonly string[]): string {
  return keys.reduce((outer, key) => {
    if (GLOBAL_OBJECTS.has(outer)) return key;
    if (key === 'default') return outer;
    const name = `${outer}.${key}`;
    return SAME[name] ?? name;
  }, object);
}
