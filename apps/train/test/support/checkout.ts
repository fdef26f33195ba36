import { cpSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(__dirname, '../../../..');

/** `train` as it is built, in a checkout of its own, which expects another backend than any test uses. */
export function checkoutThatDiffers(folder: string): string {
  mkdirSync(join(folder, 'apps'), { recursive: true });
  for (const part of ['dist', 'package.json'])
    cpSync(join(ROOT, 'apps/train', part), join(folder, 'apps/train', part), { recursive: true });
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'), 'junction');
  writeFileSync(join(folder, 'package-lock.json'), '{"lockfileVersion":3,"packages":{}}');
  const expected = { env_lock_version: 1, name: null, backend: { name: 'webgpu' } };
  writeFileSync(join(folder, 'env.lock.json'), JSON.stringify(expected));
  return join(folder, 'apps/train/dist/main.js');
}
