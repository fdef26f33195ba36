import ts from 'typescript';

/** What a TypeScript file refers to. */
export interface ModuleReferences {
  /** Specifiers that it imports, re-exports, requires or resolves, types included. */
  readonly imports: ReadonlySet<string>;
  /** All its string literals: a package may also be loaded by a name that is passed around. */
  readonly literals: ReadonlySet<string>;
}

/** Finds the modules that the TypeScript in `source` refers to. */
export function moduleReferences(source: string): ModuleReferences {
  const imports = new Set<string>();
  const literals = new Set<string>();
  function visit(node: ts.Node): void {
    const specifier = specifierOf(node);
    if (specifier !== undefined && ts.isStringLiteralLike(specifier)) imports.add(specifier.text);
    if (ts.isStringLiteralLike(node)) literals.add(node.text);
    ts.forEachChild(node, visit);
  }
  visit(ts.createSourceFile('source.ts', source, ts.ScriptTarget.Latest));
  return { imports, literals };
}

/** The expression that names the module which `node` loads. */
function specifierOf(node: ts.Node): ts.Node | undefined {
  if (ts.isImportDeclaration(node)) return node.moduleSpecifier;
  if (ts.isExportDeclaration(node)) return node.moduleSpecifier;
  if (ts.isExternalModuleReference(node)) return node.expression;
  if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument))
    return node.argument.literal;
  if (ts.isCallExpression(node) && loadsModule(node.expression)) return node.arguments[0];
  return undefined;
}

function loadsModule(callee: ts.Expression): boolean {
  if (callee.kind === ts.SyntaxKind.ImportKeyword) return true;
  if (ts.isIdentifier(callee)) return callee.text === 'require';
  return (
    ts.isPropertyAccessExpression(callee) &&
    callee.name.text === 'resolve' &&
    ts.isIdentifier(callee.expression) &&
    callee.expression.text === 'require'
  );
}

/** `@scope/name` or `name` of a specifier; `undefined` for a relative path and for a module of Node. */
export function packageNameOf(specifier: string): string | undefined {
  if (/^(?:\.|\/|node:)/.test(specifier)) return undefined;
  return /^(?:@[^/]+\/)?[^/]+/.exec(specifier)?.[0];
}
