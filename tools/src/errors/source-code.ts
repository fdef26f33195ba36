import ts from 'typescript';

/** A TypeScript file of a package. */
export interface SourceText {
  /** Path from the root, with slashes. */
  readonly path: string;
  readonly text: string;
  /** Name of the package that it belongs to. */
  readonly owner: string;
}

/** A function, or the constructor of a class, and what it is called by. */
export interface Callable {
  readonly node: ts.FunctionLikeDeclaration;
  readonly name: string;
}

/** An expression and the calls that led to it. */
export interface Bound {
  readonly expression: ts.Expression;
  readonly scope: Scope;
}

/** What names mean that are not declared where they stand. */
export interface Scope {
  /** What the parameters of a function are in one call of it; empty outside of any that is known. */
  readonly bindings: ReadonlyMap<string, Bound>;
  /** Constants that files export, by names that no other file exports. */
  readonly exported: ReadonlyMap<string, ts.Expression>;
}

/** The scope outside of every call. */
export function outerScope(sources: readonly ParsedSource[]): Scope {
  const exported = new Map<string, ts.Expression>();
  const ambiguous = new Set<string>();
  for (const statement of sources.flatMap(({ file }) => [...file.statements])) {
    if (!ts.isVariableStatement(statement) || !isExported(statement)) continue;
    for (const { name, initializer } of statement.declarationList.declarations) {
      if (!ts.isIdentifier(name) || initializer === undefined) continue;
      if (exported.has(name.text)) ambiguous.add(name.text);
      exported.set(name.text, initializer);
    }
  }
  for (const name of ambiguous) exported.delete(name);
  return { bindings: new Map(), exported };
}

function isExported({ modifiers }: ts.VariableStatement): boolean {
  return modifiers?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword) === true;
}

/** A parsed file. */
export interface ParsedSource {
  readonly path: string;
  readonly owner: string;
  readonly file: ts.SourceFile;
}

/** Parses files so that nodes know their parents. */
export function parseSources(sources: readonly SourceText[]): ParsedSource[] {
  return sources.map(({ path, text, owner }) => ({
    path,
    owner,
    file: ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true),
  }));
}

/** Every node below one, itself included, in the order of the text. */
export function* descendants(node: ts.Node): Generator<ts.Node> {
  yield node;
  const children: ts.Node[] = [];
  ts.forEachChild(node, (child) => {
    children.push(child);
  });
  for (const child of children) yield* descendants(child);
}

/** The function around a node that can be called by a name: nameless ones within it belong to it. */
export function enclosingCallable(node: ts.Node): Callable | undefined {
  for (const at of ancestors(node)) {
    const name = isFunction(at) ? callableName(at) : undefined;
    if (isFunction(at) && name !== undefined) return { node: at, name };
  }
  return undefined;
}

function isFunction(node: ts.Node): node is ts.FunctionLikeDeclaration {
  return ts.isFunctionLike(node) && 'body' in node;
}

function callableName(node: ts.FunctionLikeDeclaration): string | undefined {
  if (ts.isConstructorDeclaration(node)) return node.parent.name?.text;
  if (node.name !== undefined && (ts.isIdentifier(node.name) || ts.isPrivateIdentifier(node.name)))
    return node.name.text;
  const { parent } = node;
  return ts.isVariableDeclaration(parent) && ts.isIdentifier(parent.name)
    ? parent.name.text
    : undefined;
}

/** Names that the parameters of a function bind, with the argument that each stands for. */
export function bindingsOf(
  { node }: Callable,
  { args, scope }: { readonly args: readonly ts.Expression[]; readonly scope: Scope },
): Scope {
  const bindings = new Map<string, Bound>();
  node.parameters.forEach(({ name, initializer }, index) => {
    const expression = args[index] ?? initializer;
    if (expression === undefined) return;
    if (ts.isIdentifier(name)) bindings.set(name.text, { expression, scope });
    else if (ts.isObjectBindingPattern(name)) {
      for (const element of name.elements) {
        const given = propertyOf({ expression, scope }, keyOf(element));
        const value = given?.expression ?? element.initializer;
        if (value !== undefined && ts.isIdentifier(element.name)) {
          bindings.set(element.name.text, { expression: value, scope: given?.scope ?? scope });
        }
      }
    }
  });
  return { bindings, exported: scope.exported };
}

function keyOf({ name, propertyName }: ts.BindingElement): string {
  const key = propertyName ?? name;
  return ts.isIdentifier(key) ? key.text : '';
}

/** The value of a property of an object literal, through constants and spreads; undefined if it cannot be told. */
export function propertyOf(object: Bound, key: string): Bound | undefined {
  const { expression, scope } = resolved(object);
  if (!ts.isObjectLiteralExpression(expression)) return undefined;
  for (const property of [...expression.properties].reverse()) {
    if (ts.isSpreadAssignment(property)) {
      const value = propertyOf({ expression: property.expression, scope }, key);
      if (value !== undefined) return value;
    } else if (nameText(property.name) === key) {
      if (ts.isPropertyAssignment(property)) return { expression: property.initializer, scope };
      if (ts.isShorthandPropertyAssignment(property)) return { expression: property.name, scope };
    }
  }
  return undefined;
}

function nameText(name: ts.PropertyName): string | undefined {
  return ts.isIdentifier(name) || ts.isStringLiteral(name) ? name.text : undefined;
}

/** What an expression stands for, after parameters, constants and casts. */
export function resolved(bound: Bound): Bound {
  const { expression, scope } = bound;
  if (ts.isParenthesizedExpression(expression) || ts.isAsExpression(expression)) {
    return resolved({ expression: expression.expression, scope });
  }
  if (!ts.isIdentifier(expression)) return bound;
  const argument = scope.bindings.get(expression.text);
  if (argument !== undefined) return resolved(argument);
  const constant = constantNamed(expression) ?? scope.exported.get(expression.text);
  return constant === undefined ? bound : resolved({ expression: constant, scope });
}

/** The initial value of the `const` that a name means, the nearest one outwards. */
function constantNamed(name: ts.Identifier): ts.Expression | undefined {
  const declarations = [...ancestors(name)]
    .flatMap((at) => (ts.isSourceFile(at) || ts.isBlock(at) ? [...at.statements] : []))
    .filter((statement) => ts.isVariableStatement(statement))
    .filter(({ declarationList }) => (declarationList.flags & ts.NodeFlags.Const) !== 0)
    .flatMap(({ declarationList }) => [...declarationList.declarations]);
  return declarations.find((each) => ts.isIdentifier(each.name) && each.name.text === name.text)
    ?.initializer;
}

/** The nodes around one, the nearest first. */
function* ancestors(node: ts.Node): Generator<ts.Node> {
  if (ts.isSourceFile(node)) return;
  yield node.parent;
  yield* ancestors(node.parent);
}
