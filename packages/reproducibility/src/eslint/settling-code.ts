import type { SourceCode } from 'eslint';
import { constantExpression, qualifiedName, variableOf } from './qualified-name';
import {
  contains,
  descendants,
  isFunction,
  isLoop,
  keyOf,
  type NodeOf,
  parentOf,
  startOf,
  endOf,
  type SyntaxNode,
  unwrapped,
} from './syntax';

const THEN = new Set(['then', 'catch', 'finally']);

/**
 * The code that makes the promises that are handed to `Promise.all` and its like: callbacks of `map`, elements of an
 * array, what is pushed onto one.
 */
export function promiseMakers(promises: SyntaxNode, code: SourceCode): SyntaxNode[] {
  const expression = constantExpression(promises, code);
  if (expression.type === 'ArrayExpression') {
    const elements = expression.elements.filter((element) => element !== null);
    return [...elements, ...pushedOnto(promises, code)];
  }
  if (expression.type !== 'CallExpression') return [];
  const { callee, arguments: words } = expression;
  const isFrom = qualifiedName(callee, code) === 'Array.from';
  const [callback] = (isFrom ? words.slice(1) : words).map((word) => functionOf(word, code));
  const chained = callee.type === 'MemberExpression' ? promiseMakers(callee.object, code) : [];
  return callback === undefined ? chained : [...chained, callback];
}

/**
 * The parts of `region` that run when some promise has settled, in an order that differs from run to run: what comes
 * after an `await`, and the callbacks of `then`.
 */
export function isSettlingCode(
  node: SyntaxNode,
  { region, code }: { readonly region: SyntaxNode; readonly code: SourceCode },
): boolean {
  const around = code.getAncestors(node).filter((outer) => contains(region, outer));
  if (around.some((outer) => isFunction(outer) && isThenCallback(outer, code))) return true;
  return [...descendants(region, code)]
    .filter((inner) => isAwait(inner) && isInSameCall(inner, { node, region, code }))
    .some(
      (wait) =>
        startOf(wait) < endOf(node) ||
        around.some((outer) => isLoop(outer) && contains(outer, wait)),
    );
}

/** What was passed to `push` of the array that a variable holds. */
function pushedOnto(array: SyntaxNode, code: SourceCode): SyntaxNode[] {
  const variable = array.type === 'Identifier' ? variableOf(array, code) : undefined;
  return (variable?.references ?? []).flatMap(({ identifier }) => {
    const member = identifier.type === 'Identifier' ? parentOf(identifier, code) : undefined;
    const call = member && parentOf(member, code);
    const isPush = member?.type === 'MemberExpression' && keyOf(member) === 'push';
    if (!isPush || call?.type !== 'CallExpression' || call.callee !== member) return [];
    return call.arguments;
  });
}

function functionOf(node: SyntaxNode, code: SourceCode): SyntaxNode | undefined {
  const expression = constantExpression(node, code);
  if (isFunction(expression)) return expression;
  if (expression.type !== 'Identifier') return undefined;
  const declaration: SyntaxNode | undefined = variableOf(expression, code)?.defs[0]?.node;
  return declaration?.type === 'FunctionDeclaration' ? declaration : undefined;
}

function isThenCallback(node: SyntaxNode, code: SourceCode): boolean {
  const call = parentOf(node, code);
  if (call?.type !== 'CallExpression' || call.callee === node) return false;
  const callee = unwrapped(call.callee);
  return callee.type === 'MemberExpression' && THEN.has(keyOf(callee) ?? '');
}

function isAwait(node: SyntaxNode): node is NodeOf<'AwaitExpression' | 'ForOfStatement'> {
  return node.type === 'AwaitExpression' || (node.type === 'ForOfStatement' && node.await);
}

/** Whether the function that awaits is one of those around the node. */
function isInSameCall(
  wait: SyntaxNode,
  {
    node,
    region,
    code,
  }: { readonly node: SyntaxNode; readonly region: SyntaxNode; readonly code: SourceCode },
): boolean {
  const waiting = code.getAncestors(wait).findLast(isFunction);
  return waiting === undefined || !contains(region, waiting) || contains(waiting, node);
}
