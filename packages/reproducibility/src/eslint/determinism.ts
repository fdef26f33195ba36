import type { ESLint, Linter } from 'eslint';
import { noClock } from './no-clock';
import { noPlatformMath } from './no-platform-math';
import { noRepeatedDropoutSeed } from './no-repeated-dropout-seed';
import { noUnorderedReduction } from './no-unordered-reduction';
import { noUnseededRandomness } from './no-unseeded-randomness';
import { seededTensorflowCalls } from './seeded-tensorflow-calls';

const rules = {
  'no-clock': noClock,
  'no-platform-math': noPlatformMath,
  'no-repeated-dropout-seed': noRepeatedDropoutSeed,
  'no-unordered-reduction': noUnorderedReduction,
  'no-unseeded-randomness': noUnseededRandomness,
  'seeded-tensorflow-calls': seededTensorflowCalls,
};

const meta = { name: '@pixelis/reproducibility', version: '0.1.0', namespace: 'determinism' };

/**
 * A plugin for ESLint 9 or later, for code whose results must be the same at every run. `configs.recommended` is a flat
 * configuration with all rules; give it the `files` that compute.
 */
export const determinism = {
  meta,
  rules,
  configs: {
    get recommended(): Linter.Config {
      const all = Object.keys(rules).map((name) => [`determinism/${name}`, 'error'] as const);
      return {
        name: 'determinism/recommended',
        plugins: { determinism },
        rules: Object.fromEntries(all),
      };
    },
  },
} satisfies ESLint.Plugin;
