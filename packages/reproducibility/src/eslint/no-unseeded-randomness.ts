import { accessListener } from './qualified-name';
import type { DeterminismRule } from './syntax';

const CRYPTO = [
  'getRandomValues',
  'randomBytes',
  'randomFill',
  'randomFillSync',
  'randomInt',
  'randomUUID',
];

const UNSEEDED: ReadonlySet<string> = new Set([
  'Math.random',
  ...CRYPTO.flatMap((name) => [`crypto.${name}`, `node:crypto.${name}`]),
]);

/** Reports sources of random numbers that no seed reaches, also where they are renamed, destructured or imported. */
export const noUnseededRandomness: DeterminismRule = {
  meta: {
    type: 'problem',
    docs: {
      description: 'Disallow random numbers that no seed reaches',
      recommended: true,
    },
    schema: [],
    messages: {
      unseeded:
        '{{name}} gives other numbers at every run: draw them from a Generator of @pixelis/reproducibility, forked by what they are for',
    },
  },
  create(context) {
    return accessListener(context.sourceCode, (node, name) => {
      if (UNSEEDED.has(name)) context.report({ node, messageId: 'unseeded', data: { name } });
    });
  },
};
