import ts from 'typescript';
import { type Bound, resolved } from './source-code';

/**
 * The texts that an expression can be: each way of a condition gives one. What is known only when the program runs becomes
 * a name in braces, such as `cannot read {path}`.
 */
export function textsOf(bound: Bound): string[] {
  const { expression, scope } = resolved(bound);
  if (ts.isStringLiteralLike(expression)) return [expression.text];
  if (ts.isConditionalExpression(expression)) {
    return [expression.whenTrue, expression.whenFalse].flatMap((way) =>
      textsOf({ expression: way, scope }),
    );
  }
  if (ts.isTemplateExpression(expression)) {
    return expression.templateSpans.reduce<string[]>(
      (texts, { expression: part, literal }) =>
        joined(texts, partOf({ expression: part, scope })).map((text) => text + literal.text),
      [expression.head.text],
    );
  }
  if (ts.isBinaryExpression(expression)) {
    const { left, right, operatorToken } = expression;
    const sides = [left, right].map((side) => textsOf({ expression: side, scope }));
    if (operatorToken.kind === ts.SyntaxKind.PlusToken)
      return joined(sides[0] ?? [], sides[1] ?? []);
    if (operatorToken.kind === ts.SyntaxKind.QuestionQuestionToken) return sides.flat();
  }
  return [placeholder(expression)];
}

/** Whether a text is nothing but a name for what is not known before the program runs. */
export function isUnknown(text: string): boolean {
  return /^\{[^{}]*\}$/.test(text);
}

/** A part of a template: a text if it is always the same one, the ways of a short choice, nothing if it may be left out. */
function partOf(bound: Bound): string[] {
  const texts = textsOf(bound);
  if (texts.includes('')) return [''];
  const isShortChoice = texts.every((text) => !text.includes('{') && text.length <= 30);
  return isShortChoice ? [[...new Set(texts)].join('/')] : [placeholder(bound.expression)];
}

function joined(starts: readonly string[], ends: readonly string[]): string[] {
  return starts.flatMap((start) => ends.map((end) => start + end));
}

/** The last name in an expression says what it is: `error.message` gives `{message}`, `resolve(path)` gives `{path}`. */
function placeholder(expression: ts.Expression): string {
  return `{${nameOf(expression) ?? '…'}}`;
}

function nameOf(expression: ts.Expression): string | undefined {
  if (ts.isIdentifier(expression)) return words(expression.text);
  if (ts.isPropertyAccessExpression(expression)) {
    if (expression.name.text === 'length')
      return `number of ${nameOf(expression.expression) ?? '…'}`;
    return words(expression.name.text);
  }
  if (ts.isCallExpression(expression)) return nameOfCall(expression);
  if (
    ts.isParenthesizedExpression(expression) ||
    ts.isAsExpression(expression) ||
    ts.isAwaitExpression(expression) ||
    ts.isNonNullExpression(expression)
  ) {
    return nameOf(expression.expression);
  }
  if (ts.isBinaryExpression(expression)) return nameOf(expression.left);
  if (ts.isConditionalExpression(expression))
    return nameOf(expression.whenTrue) ?? nameOf(expression.whenFalse);
  if (ts.isElementAccessExpression(expression)) return nameOf(expression.expression);
  return undefined;
}

/** `list.join(', ')` is named by the list, `describe(value)` by the value, `tail()` by itself. */
function nameOfCall({ expression, arguments: [first] }: ts.CallExpression): string | undefined {
  if (ts.isPropertyAccessExpression(expression)) {
    const name = expression.name.text;
    const owner = nameOf(expression.expression);
    if (
      /^(?:join|map|filter|slice|sort|toString|toFixed|trim|keys|values|toLowerCase|at)$/.test(name)
    )
      return owner;
    return (first === undefined ? undefined : nameOf(first)) ?? words(name);
  }
  return (first === undefined ? undefined : nameOf(first)) ?? nameOf(expression);
}

/** `weightsSha256` as `weights sha256`, `LAYER_NAMES` as `layer names`. */
function words(name: string): string {
  return name
    .replace(/^#/, '')
    .replaceAll('_', ' ')
    .replace(/(?<=[a-z0-9])(?=[A-Z])/g, ' ')
    .toLowerCase();
}
