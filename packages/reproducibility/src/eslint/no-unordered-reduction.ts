import { outerReductions } from './outer-reduction';
import { qualifiedName } from './qualified-name';
import { isSettlingCode, promiseMakers } from './settling-code';
import { type DeterminismRule, keyOf, type SyntaxNode, unwrapped } from './syntax';

const GATHERING = new Set(['all', 'allSettled', 'any', 'race'].map((name) => `Promise.${name}`));

/** Names of functions whose results are sources that give what comes first. */
const RACING_SOURCES = ['interleave', 'merge', 'mergeAll', 'race', 'raceAll'];

/** Reports sums and lists that are built in the order in which promises settle. */
export const noUnorderedReduction: DeterminismRule = {
  meta: {
    type: 'problem',
    docs: {
      description: 'Disallow reductions in the order in which promises settle',
      recommended: true,
    },
    schema: [
      {
        type: 'object',
        properties: {
          /** Further names of functions that merge sources as they come. */
          racingSources: { type: 'array', items: { type: 'string' }, uniqueItems: true },
        },
        additionalProperties: false,
      },
    ],
    messages: {
      settling:
        '"{{text}}" runs in the order in which the promises settle: return the value from each, await them all, and reduce the array, which keeps the order of its input',
      racing:
        '"{{text}}" runs in the order in which the sources come first: number what they give, and reduce it in the order of the numbers',
    },
  },
  create(context) {
    const code = context.sourceCode;
    const racing = new Set([...RACING_SOURCES, ...moreSources(context.options[0])]);
    const reported = new Set<SyntaxNode>();
    function report(node: SyntaxNode, messageId: string): void {
      if (reported.has(node)) return;
      reported.add(node);
      const [text = ''] = code.getText(node).split('\n');
      context.report({ node, messageId, data: { text } });
    }
    return {
      CallExpression({ callee, arguments: [promises] }) {
        if (promises === undefined || !GATHERING.has(qualifiedName(callee, code) ?? '')) return;
        for (const region of promiseMakers(promises, code)) {
          outerReductions(region, code)
            .filter((node) => isSettlingCode(node, { region, code }))
            .forEach((node) => {
              report(node, 'settling');
            });
        }
      },
      ForOfStatement(loop) {
        const source = unwrapped(loop.right);
        if (!loop.await || source.type !== 'CallExpression') return;
        const callee = unwrapped(source.callee);
        const name = callee.type === 'MemberExpression' ? keyOf(callee) : code.getText(callee);
        const isEvents = qualifiedName(callee, code) === 'node:events.on';
        if (!isEvents && !racing.has(name ?? '')) return;
        for (const node of outerReductions(loop, code)) report(node, 'racing');
      },
    };
  },
};

function moreSources(options: unknown): string[] {
  if (typeof options !== 'object' || options === null || !('racingSources' in options)) return [];
  return Array.isArray(options.racingSources) ? options.racingSources.map(String) : [];
}
