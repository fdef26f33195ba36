import { readdirSync, rmdirSync, rmSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import {
  acquireFileLock,
  EnvironmentError,
  type FileLock,
  isSystemError,
  makeFolderSync,
  renamePersistentlySync,
} from '@pixelis/core';
import {
  findCompiler,
  findNativeInstallation,
  type NativeInstallation,
  type NativeVariant,
  type NodeGpuPackage,
  ownTensorflowVersion,
  readInstallationRecord,
  RECORD_FILE,
  verifyNativeInstallation,
} from '@pixelis/native';
import type { InstallArguments } from './command-line';
import { finishInstallation, tryAddon } from './finish-installation';
import { type Folders, foldersOf, unfinishedFolder } from './folders';
import { type InstallationPlan, planInstallation } from './installation-plan';
import type { Progress } from './progress';
import { requireNodeGpuPackage, requirePlatform, thisMachine } from './require-platform';
import { unpackPlan } from './unpack-plan';
import { HEADERS, isLinked, isLoaded } from './wanted-files';

/** What is there after {@link install}. */
export interface InstallResult {
  readonly variant: NativeVariant;
  /** `kept`: it was there; `package`: the package's own binary works and nothing was installed. */
  readonly status: 'installed' | 'linked' | 'kept' | 'package';
  readonly tensorflowVersion: string;
  /** Where it is. */
  readonly folder: string;
  readonly isUsingGpu: boolean;
}

/** What {@link install} is told. */
export type InstallOptions = Pick<
  InstallArguments,
  'variant' | 'version' | 'wheel' | 'sha256' | 'isRelink'
>;

/**
 * Installs TensorFlow and the addon linked against it, unless one works already. Each step that a run before has done is kept, and nothing is
 * taken for whole that is not: the installation comes to its place by one rename.
 *
 * @throws {UsageError} If what is asked for does not exist.
 * @throws {EnvironmentError} If the machine lacks something, or the addon does not compute.
 * @throws {DataError} If the disk is full, or a wheel is not the one it should be.
 * @throws {RemoteError} If a wheel cannot be fetched.
 */
export async function install(options: InstallOptions, progress: Progress): Promise<InstallResult> {
  requirePlatform(thisMachine());
  const plan = planInstallation(options);
  const nodeGpu = requireNodeGpuPackage();
  const folders = foldersOf(options.variant);
  makeFolderSync(folders.downloads);
  const lock = lockInstallations(folders);
  try {
    return (
      (options.isRelink ? undefined : useWhatWorks({ options, plan, nodeGpu, progress })) ??
      (await linkAgain({ plan, nodeGpu, folders, progress })) ??
      (await installAnew({ plan, nodeGpu, folders, progress }))
    );
  } catch (error) {
    lock.release();
    // What failed before it began leaves nothing behind.
    const { downloads, root } = folders;
    for (const folder of [unfinishedFolder(folders, plan), downloads, root, dirname(root)])
      removeIfEmpty(folder);
    throw error;
  } finally {
    lock.release();
  }
}

function removeIfEmpty(folder: string): void {
  try {
    rmdirSync(folder);
  } catch (error) {
    if (!isSystemError(error)) throw error;
  }
}

interface Choice {
  readonly options: InstallOptions;
  readonly plan: InstallationPlan;
  readonly nodeGpu: NodeGpuPackage;
  readonly progress: Progress;
}

function useWhatWorks({ options, plan, nodeGpu, progress }: Choice): InstallResult | undefined {
  const { variant } = options;
  const installation = soundInstallation(variant, progress);
  if (installation?.record.tensorflow_version === plan.version) {
    const isUsingGpu = tryAddon({ device: variant, folder: installation.folder }, progress);
    const { folder } = installation;
    return { variant, status: 'kept', tensorflowVersion: plan.version, folder, isUsingGpu };
  }
  const isOpen = options.version === undefined && options.wheel === undefined;
  if (installation !== undefined || nodeGpu.ownBinary === undefined || !isOpen) return undefined;
  const isUsingGpu = tryOwnBinary(variant, progress);
  if (isUsingGpu === undefined || (variant === 'gpu' && !isUsingGpu)) return undefined;
  const tensorflowVersion = ownTensorflowVersion(nodeGpu);
  const folder = nodeGpu.folder;
  return { variant, status: 'package', tensorflowVersion, folder, isUsingGpu };
}

function soundInstallation(
  variant: NativeVariant,
  progress: Progress,
): NativeInstallation | undefined {
  try {
    return findNativeInstallation({ variant });
  } catch (error) {
    if (!(error instanceof EnvironmentError)) throw error;
    progress.say(error.message);
    return undefined;
  }
}

function tryOwnBinary(device: NativeVariant, progress: Progress): boolean | undefined {
  try {
    return tryAddon({ device }, progress);
  } catch (error) {
    if (!(error instanceof EnvironmentError)) throw error;
    progress.say(`the binary that the package came with does not work: ${error.message}`);
    return undefined;
  }
}

interface Work {
  readonly plan: InstallationPlan;
  readonly nodeGpu: NodeGpuPackage;
  readonly folders: Folders;
  readonly progress: Progress;
}

/** Links an installation anew whose TensorFlow is whole, as after a change of the addon's package: no wheel is needed. */
async function linkAgain({
  plan,
  nodeGpu,
  folders,
  progress,
}: Work): Promise<InstallResult | undefined> {
  const { variant, version: tensorflowVersion } = plan;
  const folder = folders.installed;
  const unpacked = await unpackedInstallation(folder, plan);
  if (unpacked === undefined) return undefined;
  findCompiler();
  const isUsingGpu = await finishInstallation(unpacked, { folder, nodeGpu, progress });
  return { variant, status: 'linked', tensorflowVersion, folder, isUsingGpu };
}

/** What an installation's record says of its TensorFlow; undefined unless it is that of the plan, and whole. */
async function unpackedInstallation(folder: string, plan: InstallationPlan) {
  try {
    const record = readInstallationRecord(join(folder, RECORD_FILE));
    if (record?.tensorflow_version !== plan.version || record.arch !== process.arch) {
      return undefined;
    }
    const files = Object.fromEntries(
      Object.entries(record.files).filter(([path]) => isLoaded(path)),
    );
    const headers = statSync(join(folder, HEADERS), { throwIfNoEntry: false });
    if (headers === undefined || !Object.keys(files).some(isLinked)) return undefined;
    await verifyNativeInstallation({ folder, addonPath: '', record: { ...record, files } });
    const { variant, tensorflow_version, wheels } = record;
    const isSameWheel = plan.wheels.every(({ file, sha256 }) => wheels[file] === sha256);
    return isSameWheel ? { variant, tensorflow_version, wheels, files } : undefined;
  } catch {
    // Broken: it is installed anew, which says what fails.
    return undefined;
  }
}

async function installAnew({ plan, nodeGpu, folders, progress }: Work): Promise<InstallResult> {
  const { variant, version: tensorflowVersion } = plan;
  // Before anything large is fetched.
  findCompiler();
  const folder = unfinishedFolder(folders, plan);
  makeFolderSync(folder);
  removeUnfinished(folders, basename(folder));
  const unpacked = await unpackPlan(plan, { folder, downloads: folders.downloads, progress });
  const loaded = unpacked.filter(({ path }) => isLoaded(path));
  const isUsingGpu = await finishInstallation(
    {
      variant,
      tensorflow_version: tensorflowVersion,
      wheels: Object.fromEntries(plan.wheels.map(({ file, sha256 }) => [file, sha256])),
      files: Object.fromEntries(loaded.map(({ path, bytes, sha256 }) => [path, { bytes, sha256 }])),
    },
    { folder, nodeGpu, progress },
  );
  putInPlace(folder, folders);
  return { variant, status: 'installed', tensorflowVersion, folder: folders.installed, isUsingGpu };
}

/** A folder cannot be replaced by one rename, so the old one goes aside first. */
function putInPlace(folder: string, { root, unfinishedPrefix, installed }: Folders): void {
  const aside = join(root, `${unfinishedPrefix}old`);
  rmSync(aside, { recursive: true, force: true });
  if (statSync(installed, { throwIfNoEntry: false }) !== undefined) {
    renamePersistentlySync(installed, aside);
  }
  renamePersistentlySync(folder, installed);
  rmSync(aside, { recursive: true, force: true });
}

/** Removes what unfinished installations of a variant left, except one that is wanted; returns how many there were. */
export function removeUnfinished({ root, unfinishedPrefix }: Folders, except?: string): number {
  const names = readdirSync(root).filter(
    (name) => name.startsWith(unfinishedPrefix) && name !== except,
  );
  for (const name of names) rmSync(join(root, name), { recursive: true, force: true });
  return names.length;
}

/**
 * Takes the lock of all installations, whose folder must exist.
 *
 * @throws {EnvironmentError} `INSTALLATION_RUNNING` if somebody holds it.
 */
export function lockInstallations({ root }: Folders): FileLock {
  const lock = acquireFileLock(join(root, 'install.lock'));
  if (lock !== undefined) return lock;
  throw new EnvironmentError(`another installation is running in ${root}`, {
    code: 'INSTALLATION_RUNNING',
    remedy: 'wait until it is done, then run the same command again',
  });
}
