import type { SourceCode } from 'eslint';
import { variableOf } from './qualified-name';
import {
  contains,
  descendants,
  isFunction,
  keyOf,
  type NodeOf,
  parentOf,
  type SyntaxNode,
  unwrapped,
} from './syntax';

/** Methods that put something at an end, so that the order of calls is the order of the content. */
const APPENDING = new Set(['add', 'push', 'unshift']);

/** The statements in `region` that fold something into a variable from outside: `+=`, `x = x + …`, `push`. */
export function outerReductions(region: SyntaxNode, code: SourceCode): SyntaxNode[] {
  return [...descendants(region, code)].filter((node) => {
    const target = reducedBy(node, code);
    return target !== undefined && isOutside(target, region, code) && !isOwnSlot(target, region);
  });
}

/** What a node folds something into; undefined if it does not. */
function reducedBy(node: SyntaxNode, code: SourceCode): SyntaxNode | undefined {
  if (node.type === 'AssignmentExpression') {
    const isReduction = node.operator !== '=' || mentions(node.right, node.left, code);
    return isReduction ? node.left : undefined;
  }
  if (node.type !== 'CallExpression') return undefined;
  const callee = unwrapped(node.callee);
  const method = callee.type === 'MemberExpression' ? keyOf(callee) : undefined;
  if (callee.type !== 'MemberExpression' || method === undefined) return undefined;
  if (!APPENDING.has(method)) return undefined;
  // What `add` gives is used where it adds numbers, and thrown away where it changes a set.
  const isForEffect = method !== 'add' || parentOf(node, code)?.type === 'ExpressionStatement';
  return isForEffect ? callee.object : undefined;
}

function mentions(expression: SyntaxNode, target: SyntaxNode, code: SourceCode): boolean {
  const text = code.getText(target);
  return [...descendants(expression, code)].some((node) => code.getText(node) === text);
}

/** Whether the variable at the root of `target` is declared outside of the region. */
function isOutside(target: SyntaxNode, region: SyntaxNode, code: SourceCode): boolean {
  const root = rootOf(target);
  if (root.type === 'ThisExpression') return true;
  if (root.type !== 'Identifier') return false;
  const declaration = variableOf(root, code)?.identifiers[0];
  return declaration === undefined || !contains(region, declaration);
}

/** `x` of `x.a[0].b`. */
function rootOf(node: SyntaxNode): SyntaxNode {
  const expression = unwrapped(node);
  return expression.type === 'MemberExpression' ? rootOf(expression.object) : expression;
}

/** Whether it is chosen by a parameter of the region, as `sums[index]` is: no other call changes that one. */
function isOwnSlot(target: SyntaxNode, region: SyntaxNode): boolean {
  if (!isFunction(region)) return false;
  const names = region.params.flatMap((parameter) =>
    parameter.type === 'Identifier' ? [parameter.name] : [],
  );
  return computedKeys(target).some(({ property }) =>
    property.type === 'Identifier' ? names.includes(property.name) : false,
  );
}

function computedKeys(node: SyntaxNode): NodeOf<'MemberExpression'>[] {
  const expression = unwrapped(node);
  if (expression.type !== 'MemberExpression') return [];
  const inner = computedKeys(expression.object);
  return expression.computed ? [...inner, expression] : inner;
}
