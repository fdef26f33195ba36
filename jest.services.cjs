const { join } = require('node:path');
const preset = require('./jest.preset.cjs');

/** Tests against foreign readers and real servers, which `npm run test:services` installs into this folder first. */
process.env.PIXELIS_SERVICES ??= join(__dirname, '.cache', 'services');

module.exports = {
  ...preset,
  displayName: 'services',
  testMatch: ['<rootDir>/{packages,apps}/*/test/services/**/*.spec.ts'],
  testPathIgnorePatterns: ['/node_modules/'],
  modulePathIgnorePatterns: ['<rootDir>/.cache/'],
  testTimeout: 300_000,
};
