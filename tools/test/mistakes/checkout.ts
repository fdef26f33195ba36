import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WORKSPACE_ROOT } from '../../src/workspace';

const APPS = ['cli', 'train', 'evaluate', 'sweep'];
const PARTS = ['bin', 'dist', 'package.json'];

/** What stands in the `env.lock.json` of a checkout. */
export const ENVIRONMENT_LOCKS = {
  /** Expects a backend that no test uses. */
  different: '{"env_lock_version": 1, "name": null, "backend": {"name": "webgpu"}}',
  damaged: '{"env_lock_version": 1, "na',
  later: '{"env_lock_version": 99}',
} as const;

/**
 * The programs as they are built, in a checkout of their own with an environment lock.
 *
 * @returns Its folder, which stands in for that of the workspace.
 */
export function makeCheckout(lock: keyof typeof ENVIRONMENT_LOCKS): string {
  const root = mkdtempSync(join(tmpdir(), 'pixelis-checkout-'));
  for (const app of APPS) {
    mkdirSync(join(root, 'apps', app), { recursive: true });
    for (const part of PARTS) copyIfThere(join('apps', app, part), root);
  }
  symlinkSync(join(WORKSPACE_ROOT, 'node_modules'), join(root, 'node_modules'), 'junction');
  writeFileSync(join(root, 'package-lock.json'), '{"lockfileVersion":3,"packages":{}}');
  writeFileSync(join(root, 'env.lock.json'), ENVIRONMENT_LOCKS[lock]);
  return root;
}

/** Removes what {@link makeCheckout} made. */
export function removeCheckout(root: string): void {
  rmSync(root, { recursive: true, force: true, maxRetries: 5 });
}

function copyIfThere(path: string, root: string): void {
  const from = join(WORKSPACE_ROOT, path);
  if (existsSync(from)) cpSync(from, join(root, path), { recursive: true });
}
