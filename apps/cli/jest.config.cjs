module.exports = {
  ...require('../../jest.preset.cjs'),
  displayName: 'cli',
  // Commands are loaded by import('./x.js') when they are called; in tests from their sources.
  moduleNameMapper: { '^(\\./commands/.*)\\.js$': '$1' },
};
