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

/** `Math` functions whose last bits the platform chooses; core's deterministic mathematics stands in. */
const platformMath = [
  'acos', 'acosh', 'asin', 'asinh', 'atan', 'atan2', 'atanh', 'cbrt', 'cos', 'cosh', 'exp', 'expm1', 'hypot',
  'log', 'log10', 'log1p', 'log2', 'pow', 'random', 'sin', 'sinh', 'tan', 'tanh',
]; // prettier-ignore

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
                'TensorFlow.js is imported in kernels and training alone; take the module as an argument',
            },
          ],
        },
      ],
      'max-lines': ['error', { max: 300, skipBlankLines: true, skipComments: true }],
      eqeqeq: 'error',
    },
  },
  {
    files: numericRooms.map((room) => `packages/${room}/src/**/*.ts`),
    ignores: ['**/*.spec.ts'],
    rules: {
      'no-restricted-syntax': [
        'error',
        {
          selector:
            "BinaryExpression[operator='**']:not([left.type='Literal'][right.type='Literal'])",
          message:
            'ECMAScript leaves the last bits of ** to the platform; multiply, or use math.pow of @pixelis/core',
        },
      ],
      'no-restricted-properties': [
        'error',
        ...platformMath.map((property) => ({
          object: 'Math',
          property,
          message:
            'Its result depends on the platform; use the deterministic mathematics of @pixelis/core',
        })),
      ],
    },
  },
  {
    files: ['packages/kernels/**/*.ts', 'packages/training/**/*.ts'],
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
