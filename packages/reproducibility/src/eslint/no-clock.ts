import { accessListener, qualifiedName } from './qualified-name';
import type { DeterminismRule, NodeOf } from './syntax';

const CLOCKS = [
  'Date.now',
  'performance.now',
  'performance.timeOrigin',
  'process.hrtime',
  'process.uptime',
  'Temporal.Now',
];

/** Reports what reads a clock: a number that follows from it is another one at the next run. */
export const noClock: DeterminismRule = {
  meta: {
    type: 'problem',
    docs: { description: 'Disallow clocks in numeric code', recommended: true },
    schema: [
      {
        type: 'object',
        properties: {
          /** For durations that are reported and change nothing. */
          allow: { type: 'array', items: { enum: CLOCKS }, uniqueItems: true },
        },
        additionalProperties: false,
      },
    ],
    messages: {
      clock:
        '{{name}} reads the clock, so what follows from it differs at every run: take the time as an argument from the code that reports it',
    },
  },
  create(context) {
    const allowed: ReadonlySet<string> = new Set(allowedNames(context.options[0]));
    const code = context.sourceCode;
    function checkDate(node: NodeOf<'CallExpression' | 'NewExpression'>): void {
      const isNow = node.type === 'CallExpression' || node.arguments.length === 0;
      if (!isNow || qualifiedName(node.callee, code) !== 'Date') return;
      const name = node.type === 'CallExpression' ? 'Date()' : 'new Date()';
      context.report({ node, messageId: 'clock', data: { name } });
    }
    return {
      ...accessListener(code, (node, name) => {
        if (!CLOCKS.includes(name) || allowed.has(name)) return;
        context.report({ node, messageId: 'clock', data: { name } });
      }),
      CallExpression: checkDate,
      NewExpression: checkDate,
    };
  },
};

function allowedNames(options: unknown): string[] {
  if (typeof options !== 'object' || options === null || !('allow' in options)) return [];
  return Array.isArray(options.allow) ? options.allow.map(String) : [];
}
