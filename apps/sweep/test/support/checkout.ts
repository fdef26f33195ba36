import { cpSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(__dirname, '../../../..');

/** `sweep` and `train` as they are built, in a checkout of their own, which expects another backend than any test uses. */
export function checkoutThatDiffers(folder: string): string {
  mkdirSync(join(folder, 'apps'), { recursive: true });
  for (const path of ['sweep', 'train'].flatMap((app) => [`${app}/dist`, `${app}/package.json`]))
    cpSync(join(ROOT, 'apps', path), join(folder, 'apps', path), { recursive: true });
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'), 'junction');
  writeFileSync(join(folder, 'package-lock.json'), '{"lockfileVersion":3,"packages":{}}');
  const expected = { env_lock_version: 1, name: null, backend: { name: 'webgpu' } };
  writeFileSync(join(folder, 'env.lock.json'), JSON.stringify(expected));
  return join(folder, 'apps/sweep/dist/main.js');
}
