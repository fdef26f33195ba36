import type { Rule, SourceCode } from 'eslint';
import { accessListener, constantExpression, qualifiedName, variableNamed } from './qualified-name';
import { type DeterminismRule, type NodeOf, parentOf, type SyntaxNode } from './syntax';

/** ECMAScript calls their results "implementation-approximated". */
const APPROXIMATED: ReadonlySet<string> = new Set([
  'acos', 'acosh', 'asin', 'asinh', 'atan', 'atan2', 'atanh', 'cbrt', 'cos', 'cosh', 'exp', 'expm1',
  'hypot', 'log', 'log10', 'log1p', 'log2', 'pow', 'sin', 'sinh', 'tan', 'tanh',
]); // prettier-ignore

/** What `math` of @pixelis/core has of them. */
const OF_CORE: ReadonlySet<string> = new Set(['exp', 'log', 'sin', 'cos', 'tanh', 'pow']);

/** Reports mathematics whose last bits the platform chooses. `Math.sqrt`, `abs`, `floor`, `fround` and their like are exact. */
export const noPlatformMath: DeterminismRule = {
  meta: {
    type: 'problem',
    docs: {
      description: 'Disallow mathematics whose last bits the platform chooses',
      recommended: true,
    },
    hasSuggestions: true,
    schema: [],
    messages: {
      math: 'the platform chooses the last bits of Math.{{name}}: use `math` of @pixelis/core, or sums, products and Math.sqrt',
      power:
        'the platform chooses the last bits of **: multiply, or use `math.pow` of @pixelis/core',
      useCore: 'Use math.{{name}} of @pixelis/core',
      multiply: 'Multiply',
    },
  },
  create(context) {
    const code = context.sourceCode;
    function checkPower(node: NodeOf<'AssignmentExpression' | 'BinaryExpression'>): void {
      if (node.operator !== '**' && node.operator !== '**=') return;
      if (isExact(node.left, node.right, code)) return;
      context.report({ node, messageId: 'power', suggest: multiplication(node, code) });
    }
    const access = accessListener(code, (node, path) => {
      const name = path.replace(/^Math\./, '');
      if (name === path || !APPROXIMATED.has(name)) return;
      const suggest = coreFunction(node, name, code);
      context.report({ node, messageId: 'math', data: { name }, suggest });
    });
    return {
      ...access,
      AssignmentExpression(node) {
        access.AssignmentExpression?.(node);
        checkPower(node);
      },
      BinaryExpression: checkPower,
    };
  },
};

/** Whether every engine must give one result: literals whose power is exact, and big integers. */
function isExact(left: SyntaxNode, right: SyntaxNode, code: SourceCode): boolean {
  const base = constantExpression(left, code);
  const exponent = constantExpression(right, code);
  if (isBigInteger(base, code) || isBigInteger(exponent, code)) return true;
  const [x, y] = [base, exponent].map(numberOf);
  if (x === undefined || y === undefined || !Number.isInteger(y)) return false;
  return x === 2 || (Number.isInteger(x) && y >= 0 && isSafePower(x, y));
}

/** A literal such as `2n`, or a call of `BigInt`. */
function isBigInteger(node: SyntaxNode, code: SourceCode): boolean {
  if (node.type === 'CallExpression') return qualifiedName(node.callee, code) === 'BigInt';
  return node.type === 'Literal' && typeof node.value === 'bigint';
}

/** Whether `base` to the power of `exponent` is an integer that a double holds exactly. */
function isSafePower(base: number, exponent: number): boolean {
  let power = 1;
  for (let count = 0; count < exponent && Number.isSafeInteger(power); count += 1) power *= base;
  return Number.isSafeInteger(power);
}

/** The value of a literal with or without a minus, up to what a power of doubles can take. */
function numberOf(node: SyntaxNode): number | undefined {
  if (node.type === 'UnaryExpression' && node.operator === '-') {
    const value = numberOf(node.argument);
    return value === undefined ? undefined : -value;
  }
  const isSmall = node.type === 'Literal' && typeof node.value === 'number' && node.value <= 1074;
  return isSmall && typeof node.value === 'number' ? node.value : undefined;
}

/** `x ** 2` as `x * x`, where x is a name: nothing is computed twice. */
function multiplication(
  node: NodeOf<'AssignmentExpression' | 'BinaryExpression'>,
  code: SourceCode,
): Rule.SuggestionReportDescriptor[] {
  const { left, right } = node;
  const count = numberOf(right);
  if (left.type !== 'Identifier' || (count !== 2 && count !== 3)) return [];
  const isAssigned = node.type === 'AssignmentExpression';
  const product = Array.from({ length: count }, () => left.name).join(' * ');
  const hasPlace = isAssigned || parentOf(node, code)?.type !== 'BinaryExpression';
  const text = isAssigned ? `${left.name} = ${product}` : hasPlace ? product : `(${product})`;
  return [{ messageId: 'multiply', fix: (fixer) => fixer.replaceText(node, text) }];
}

/** `math.exp` for `Math.exp`, where the file imports `math` already. */
function coreFunction(
  node: SyntaxNode,
  name: string,
  code: SourceCode,
): Rule.SuggestionReportDescriptor[] {
  if (node.type !== 'MemberExpression' || node.object.type !== 'Identifier') return [];
  const math = variableNamed('math', { at: node, code });
  const declaration = math?.defs[0]?.type === 'ImportBinding' ? math.defs[0].parent : undefined;
  const isCore =
    declaration?.type === 'ImportDeclaration' && declaration.source.value === '@pixelis/core';
  if (!isCore || !OF_CORE.has(name)) return [];
  const { object } = node;
  return [
    { messageId: 'useCore', data: { name }, fix: (fixer) => fixer.replaceText(object, 'math') },
  ];
}
