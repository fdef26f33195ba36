const { join } = require('node:path');
const { softwareVulkanDriver } = require('./tools/services/software-vulkan.cjs');

/** Tests against foreign readers and real servers, which `npm run test:services` installs into this folder first. */
process.env.PIXELIS_SERVICES ??= join(__dirname, '.cache', 'services');

// Native code reads the variables of the real process, not those that a test sets.
process.env.VK_DRIVER_FILES ??= softwareVulkanDriver(process.env.PIXELIS_SERVICES) ?? '';
// Tolerances are for float32, not for the TF32 that some cards multiply in.
process.env.NVIDIA_TF32_OVERRIDE ??= '0';

const preset = require('./jest.preset.cjs');

module.exports = {
  ...preset,
  displayName: 'services',
  testMatch: ['<rootDir>/{packages/*,apps/*,tools}/test/services/**/*.spec.ts'],
  testPathIgnorePatterns: ['/node_modules/'],
  modulePathIgnorePatterns: ['<rootDir>/.cache/'],
  testTimeout: 300_000,
};
