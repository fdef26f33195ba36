import { join } from 'node:path';
import {
  nativeCacheDirectory,
  nativeInstallationFolder,
  type NativeVariant,
} from '@pixelis/native';
import type { InstallationPlan } from './installation-plan';

/** Where an installation comes to be. */
export interface Folders {
  /** Holds all the others. */
  readonly root: string;
  readonly downloads: string;
  /** Where the finished installation stands. */
  readonly installed: string;
  /** Begins the names of the folders of unfinished ones. */
  readonly unfinishedPrefix: string;
}

/** The folders of a variant. */
export function foldersOf(variant: NativeVariant): Folders {
  const root = join(nativeCacheDirectory(), 'libtensorflow');
  return {
    root,
    downloads: join(root, 'downloads'),
    installed: nativeInstallationFolder({ variant }),
    unfinishedPrefix: `.${variant}-`,
  };
}

/** Where a plan is carried out: the same folder for the same wheel, so that a run that was killed goes on in it. */
export function unfinishedFolder(
  { root, unfinishedPrefix }: Folders,
  plan: InstallationPlan,
): string {
  const [first] = plan.wheels;
  return join(root, `${unfinishedPrefix}${plan.version}-${first?.sha256.slice(0, 12) ?? ''}`);
}
