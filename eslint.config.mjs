import { existsSync } from 'node:fs';
import nx from '@nx/eslint-plugin';
import prettier from 'eslint-config-prettier';
import tseslint from 'typescript-eslint';

/** A room of layer n may import rooms of lower layers only; `docs/ARCHITECTURE.md` shows which stands where. */
const layers = Array.from({ length: 6 }, (_, layer) => ({
  sourceTag: `layer:${layer}`,
  onlyDependOnLibsWithTags: Array.from({ length: layer }, (_, lower) => `layer:${lower}`),
}));

const numericRooms = [
  'core',
  'reproducibility',
  'curriculum',
  'metrics',
  'kernels',
  'data',
  'training',
];

// The target lint builds it first; nx reads this file before anything is built.
const plugin = new URL('packages/reproducibility/dist/eslint/index.js', import.meta.url);
const determinismRules = existsSync(plugin) ? await rulesOfNumericRooms() : [];

export default tseslint.config(
  {
    ignores: [
      '**/dist',
      '**/out-tsc',
      '**/out',
      '**/coverage',
      '**/fixtures',
      '**/assembly',
      '.nx',
    ],
  },
  ...tseslint.configs.strictTypeChecked,
  {
    languageOptions: {
      parserOptions: {
        projectService: {
          allowDefaultProject: [
            '*.mjs',
            '*.cjs',
            'packages/*/*.cjs',
            'apps/*/*.cjs',
            'apps/*/bin/*.js',
            'tools/*.cjs',
            'tools/services/*.mjs',
          ],
          maximumDefaultProjectFileMatchCount_THIS_WILL_SLOW_DOWN_LINTING: 40,
        },
      },
    },
    plugins: { '@nx': nx },
    rules: {
      '@nx/enforce-module-boundaries': ['error', { depConstraints: layers, allow: [] }],
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowArray: true, allowBoolean: true, allowNumber: true },
      ],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/consistent-type-assertions': [
        'error',
        { assertionStyle: 'as', objectLiteralTypeAssertions: 'never' },
      ],
      '@typescript-eslint/no-restricted-imports': [
        'error',
        {
          patterns: [
            {
              group: ['@tensorflow/*'],
              allowTypeImports: true,
              message:
                'TensorFlow.js is imported in kernels, xla and training alone; take the module as an argument',
            },
          ],
        },
      ],
      'max-lines': ['error', { max: 300, skipBlankLines: true, skipComments: true }],
      eqeqeq: 'error',
    },
  },
  ...determinismRules,
  {
    files: ['kernels', 'training', 'xla'].map((room) => `packages/${room}/**/*.ts`),
    rules: { '@typescript-eslint/no-restricted-imports': 'off' },
  },
  {
    files: ['**/*.spec.ts', '**/test/**/*.ts', '**/bench/**/*.ts'],
    rules: {
      'max-lines': 'off',
      '@typescript-eslint/no-restricted-imports': 'off',
      '@typescript-eslint/no-non-null-assertion': 'off',
    },
  },
  { files: ['**/*.mjs', '**/*.cjs', '**/*.js'], ...tseslint.configs.disableTypeChecked },
  {
    files: ['**/*.cjs', '**/*.js'],
    rules: {
      '@typescript-eslint/no-require-imports': 'off',
      '@nx/enforce-module-boundaries': 'off',
    },
  },
  prettier,
);

/** Our own plugin, over the rooms whose numbers must be the same at every run. */
async function rulesOfNumericRooms() {
  const { determinism } = await import(plugin.href);
  return [
    {
      files: [
        ...numericRooms.map((room) => `packages/${room}/src/**/*.ts`),
        'packages/sweep/src/{space,strategies,report}/**/*.ts',
      ],
      ignores: ['**/*.spec.ts'],
      plugins: { determinism },
      rules: {
        ...determinism.configs.recommended.rules,
        // Times are recorded beside the numbers, never among them.
        'determinism/no-clock': ['error', { allow: ['performance.now'] }],
      },
    },
    {
      // Names and ages of files, and the `Math.random` that is to be seeded.
      files: [
        'packages/core/src/atomic-file.ts',
        'packages/core/src/file-lock.ts',
        'packages/core/src/process-identity.ts',
        'packages/reproducibility/src/thread.ts',
      ],
      rules: { 'determinism/no-clock': 'off', 'determinism/no-unseeded-randomness': 'off' },
    },
  ];
}
