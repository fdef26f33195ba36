const { join } = require('node:path');

// Hermetic tests see neither a native library that this machine has, nor its GPU; those against real services do.
if (process.env.PIXELIS_SERVICES === undefined) {
  process.env.PIXELIS_CACHE = join(__dirname, '.cache', 'hermetic');
  process.env.VK_DRIVER_FILES = '';
}

/** What every package's jest.config.cjs spreads: TypeScript by swc, tests beside the code and in test/, READMEs as modules. */
module.exports = {
  testEnvironment: 'node',
  setupFiles: [require.resolve('./tools/fast-check-seed.cjs')],
  testMatch: ['<rootDir>/src/**/*.spec.ts', '<rootDir>/test/**/*.spec.ts'],
  testPathIgnorePatterns: ['/node_modules/', '/test/services/'],
  moduleFileExtensions: ['ts', 'js', 'cjs', 'json', 'md'],
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      {
        jsc: {
          parser: { syntax: 'typescript', decorators: true },
          transform: { decoratorVersion: '2022-03' },
          target: 'es2022',
        },
        module: { type: 'commonjs' },
      },
    ],
    '/README\\.md$': require.resolve('./tools/readme-example-transformer.cjs'),
  },
  testTimeout: 60_000,
  reporters: ['default', require.resolve('./tools/jest-counts-reporter.cjs')],
};
