const { existsSync } = require('node:fs');
const { join } = require('node:path');

/** Where distributions put the description of a Vulkan device that is software. */
const PLACES = [
  '/usr/lib/chromium/vk_swiftshader_icd.json',
  '/usr/lib64/chromium-browser/vk_swiftshader_icd.json',
  '/usr/share/vulkan/icd.d/lvp_icd.json',
  '/usr/share/vulkan/icd.d/lvp_icd.x86_64.json',
  '/usr/share/vulkan/icd.d/lvp_icd.aarch64.json',
];

/**
 * The ICD file of a software Vulkan device, or undefined where there is none.
 *
 * @param {string} folder What `npm run test:services` installed.
 */
exports.softwareVulkanDriver = (folder) =>
  [
    process.env.PIXELIS_VULKAN_ICD ?? '',
    join(folder, 'vulkan', 'usr', 'lib', 'chromium', 'vk_swiftshader_icd.json'),
    ...PLACES,
  ].find((path) => path !== '' && existsSync(path));
