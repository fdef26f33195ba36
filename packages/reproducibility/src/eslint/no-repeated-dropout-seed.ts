import type { Scope, SourceCode } from 'eslint';
import { constantExpression, isConstant, variableOf } from './qualified-name';
import {
  contains,
  type DeterminismRule,
  isFunction,
  isLoop,
  type NodeOf,
  parentOf,
  type SyntaxNode,
} from './syntax';
import { argumentAt, propertyOfArgument, tensorflowName } from './tensorflow-calls';

const LAYERS: ReadonlySet<string> = new Set(['layers.dropout', 'layers.spatialDropout1d']);

/** Reports seeds of dropout with which TensorFlow.js drops the same entries more than once. */
export const noRepeatedDropoutSeed: DeterminismRule = {
  meta: {
    type: 'problem',
    docs: {
      description: 'Disallow seeds that give more than one dropout the same mask',
      recommended: true,
    },
    schema: [],
    messages: {
      repeated:
        'this seed is the one of line {{line}}, so both drop the same entries: draw one for each call, such as 1 + generator.integer(0, 2 ** 31)',
      constant:
        'this seed is the same at every call, so the same entries are dropped each time: draw one for each call, such as 1 + generator.integer(0, 2 ** 31)',
      layer:
        'a layer with a seed drops the same entries in every batch: apply tf.dropout with a seed that is drawn for each call',
    },
  },
  create(context) {
    const code = context.sourceCode;
    const lines = new Map<unknown, number>();
    function checkOperation(call: NodeOf<'CallExpression'>, seed: SyntaxNode): void {
      const key = seedKey(seed, code);
      if (key === undefined) return;
      const line = lines.get(key);
      lines.set(key, line ?? call.loc?.start.line ?? 0);
      if (line !== undefined) {
        context.report({ node: seed, messageId: 'repeated', data: { line: String(line) } });
      } else if (isCalledAgain(call, { seed, code })) {
        context.report({ node: seed, messageId: 'constant' });
      }
    }
    return {
      CallExpression(call) {
        const name = tensorflowName(call.callee, code);
        if (name === undefined) return;
        if (name === 'dropout') {
          const seed = argumentAt(call, 3);
          if (seed.kind === 'given') checkOperation(call, seed.node);
        } else if (LAYERS.has(name)) {
          const seed = propertyOfArgument(call, { key: 'seed', code });
          if (seed.kind === 'given') context.report({ node: seed.node, messageId: 'layer' });
        }
      },
    };
  },
};

/** Equal for seeds that are equal: the value of a literal, or the variable; undefined for what is computed. */
function seedKey(seed: SyntaxNode, code: SourceCode): unknown {
  const expression = constantExpression(seed, code);
  if (expression.type === 'Literal') return expression.value;
  return unchangedVariable(seed, code);
}

/** A variable that is written once, or a parameter that is not written. */
function unchangedVariable(seed: SyntaxNode, code: SourceCode): Scope.Variable | undefined {
  const variable = seed.type === 'Identifier' ? variableOf(seed, code) : undefined;
  const isParameter =
    variable?.defs[0]?.type === 'Parameter' &&
    variable.references.every((reference) => !reference.isWrite());
  return variable !== undefined && (isParameter || isConstant(variable)) ? variable : undefined;
}

/** Whether a loop or a function around the call does not hold what gives the seed its value. */
function isCalledAgain(
  call: SyntaxNode,
  { seed, code }: { readonly seed: SyntaxNode; readonly code: SourceCode },
): boolean {
  const isLiteral = constantExpression(seed, code).type === 'Literal';
  const declaration = isLiteral ? undefined : unchangedVariable(seed, code)?.identifiers[0];
  return code
    .getAncestors(call)
    .filter((node) => isLoop(node) || (isFunction(node) && !isCalledInPlace(node, code)))
    .some((node) => declaration === undefined || !contains(node, declaration));
}

/** A function that is called where it stands, or that `tf.tidy` calls once. */
function isCalledInPlace(node: SyntaxNode, code: SourceCode): boolean {
  const parent = parentOf(node, code);
  if (parent?.type !== 'CallExpression') return false;
  return parent.callee === node || tensorflowName(parent.callee, code) === 'tidy';
}
