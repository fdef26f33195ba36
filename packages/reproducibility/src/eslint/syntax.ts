import type { Rule, SourceCode } from 'eslint';

/** A node of the syntax tree. */
export type SyntaxNode = ReturnType<SourceCode['getAncestors']>[number];

/** The nodes of one type. */
export type NodeOf<Type extends SyntaxNode['type']> = Extract<SyntaxNode, { type: Type }>;

/** A function, whichever way it is written. */
export type FunctionNode = NodeOf<
  'ArrowFunctionExpression' | 'FunctionDeclaration' | 'FunctionExpression'
>;

/** Types of TypeScript's nodes that stand around an expression and change nothing of its value. */
const WRAPPERS: ReadonlySet<string> = new Set([
  'ChainExpression',
  'TSAsExpression',
  'TSNonNullExpression',
  'TSSatisfiesExpression',
  'TSTypeAssertion',
]);

/** The expression in parentheses of types, `!` and optional chains. */
export function unwrapped(node: SyntaxNode): SyntaxNode {
  if (!WRAPPERS.has(node.type)) return node;
  const inner: unknown = Object.entries(node).find(([key]) => key === 'expression')?.[1];
  return isNode(inner) ? unwrapped(inner) : node;
}

/** Whether it is a function. */
export function isFunction(node: SyntaxNode): node is FunctionNode {
  return (
    node.type === 'ArrowFunctionExpression' ||
    node.type === 'FunctionDeclaration' ||
    node.type === 'FunctionExpression'
  );
}

/** Whether its body is run more than once. */
export function isLoop(node: SyntaxNode): boolean {
  return /^(?:For|ForIn|ForOf|While|DoWhile)Statement$/.test(node.type);
}

/** The name in `x.name`, `x['name']` and `{ name: … }`; undefined if it is computed. */
export function keyOf(node: NodeOf<'MemberExpression' | 'Property'>): string | undefined {
  const key = node.type === 'MemberExpression' ? node.property : node.key;
  if (key.type === 'Literal' && typeof key.value === 'string') return key.value;
  return key.type === 'Identifier' && !node.computed ? key.name : undefined;
}

/** The node that holds it; undefined for the program. */
export function parentOf(node: SyntaxNode, code: SourceCode): SyntaxNode | undefined {
  return code.getAncestors(node).at(-1);
}

/** It and all that is in it, in the order of the text. */
export function* descendants(node: SyntaxNode, code: SourceCode): Generator<SyntaxNode> {
  yield node;
  const keys = code.visitorKeys[node.type] ?? [];
  for (const [key, value] of Object.entries(node)) {
    if (!keys.includes(key)) continue;
    const children: unknown[] = Array.isArray(value) ? value : [value];
    for (const child of children) if (isNode(child)) yield* descendants(child, code);
  }
}

/** Whether `outer` holds `inner`, or is it. */
export function contains(outer: SyntaxNode, inner: SyntaxNode): boolean {
  return startOf(outer) <= startOf(inner) && endOf(inner) <= endOf(outer);
}

/** Where it begins in the text. */
export function startOf({ range }: SyntaxNode): number {
  return range?.[0] ?? 0;
}

/** Where it ends in the text. */
export function endOf({ range }: SyntaxNode): number {
  return range?.[1] ?? 0;
}

/** A rule, whose messages and options are looked at by ESLint when it is loaded. */
export type DeterminismRule = Rule.RuleModule & { readonly meta: Rule.RuleMetaData };

function isNode(value: unknown): value is SyntaxNode {
  return (
    typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string'
  );
}
