import type { SourceCode } from 'eslint';
import { constantExpression, qualifiedName } from './qualified-name';
import { keyOf, type NodeOf, type SyntaxNode } from './syntax';

/** What a call of TensorFlow.js says of its seed. */
export type SeedArgument =
  | { readonly kind: 'given'; readonly node: SyntaxNode }
  /** Left out, `undefined` or `null`. */
  | { readonly kind: 'missing' }
  /** Hidden in a spread or an object that is made elsewhere. */
  | { readonly kind: 'unknown' };

/** What a module of TensorFlow.js calls the function that is called, such as `layers.dropout`; undefined for others. */
export function tensorflowName(callee: SyntaxNode, code: SourceCode): string | undefined {
  const name = qualifiedName(callee, code);
  return name === undefined ? undefined : /^@tensorflow\/tfjs[\w-]*\.(.+)$/.exec(name)?.[1];
}

/** The argument at `index`. */
export function argumentAt(call: NodeOf<'CallExpression'>, index: number): SeedArgument {
  const before = call.arguments.slice(0, index + 1);
  if (before.some(({ type }) => type === 'SpreadElement')) return { kind: 'unknown' };
  return seedArgument(before[index]);
}

/** The property `key` of the object that the first argument is. */
export function propertyOfArgument(
  call: NodeOf<'CallExpression'>,
  { key, code }: { readonly key: string; readonly code: SourceCode },
): SeedArgument {
  const [first] = call.arguments;
  if (first === undefined) return { kind: 'missing' };
  const object = constantExpression(first, code);
  if (object.type !== 'ObjectExpression') return { kind: 'unknown' };
  for (const property of object.properties.toReversed()) {
    if (property.type === 'SpreadElement') return { kind: 'unknown' };
    if (keyOf(property) === key) return seedArgument(property.value);
  }
  return { kind: 'missing' };
}

/** Whether a constant is 0, which TensorFlow.js 4.22 takes for no seed in most of its operations. */
export function isZero(node: SyntaxNode, code: SourceCode): boolean {
  const value = constantExpression(node, code);
  if (value.type === 'UnaryExpression') return isZero(value.argument, code);
  return value.type === 'Literal' && value.value === 0;
}

function seedArgument(node: SyntaxNode | undefined): SeedArgument {
  const isNothing =
    node === undefined ||
    (node.type === 'Identifier' && node.name === 'undefined') ||
    (node.type === 'Literal' && node.value === null);
  return isNothing ? { kind: 'missing' } : { kind: 'given', node };
}
