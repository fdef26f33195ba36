import type { StandardFacts } from './environment';
import type { PackageVersions } from './installed-packages';
import type { LockFile } from './lock-file';
import type { SystemInfo } from './system-info';

/** What computed. A member that is left out or null is not known. */
export interface ComparableBackend {
  readonly name: string;
  readonly version?: string | null | undefined;
  readonly threads?: number | null | undefined;
}

/**
 * What of an environment can be compared with another. A part that is left out is not known, and compared with nothing; null
 * says that there is none.
 */
export interface ComparableEnvironment {
  /**
   * Whose packages are listed. Two lists of one program are compared whole, others in what both name, since one program may
   * need what another does not.
   */
  readonly program?: string | null | undefined;
  readonly lock_file?: LockFile | null | undefined;
  /** Such as `20.20.2`. */
  readonly node?: string | undefined;
  /** As Node names it: `linux`, `darwin`, `win32`. */
  readonly platform?: string | undefined;
  /** As Node names it: `x64`, `arm64`. */
  readonly arch?: string | undefined;
  readonly backend?: ComparableBackend | null | undefined;
  /** Version of the native library. */
  readonly tensorflow?: string | null | undefined;
  /** Version of TensorFlow.js. */
  readonly tfjs?: string | null | undefined;
  /** Newest version that the driver supports. */
  readonly cuda?: string | null | undefined;
  readonly packages?: PackageVersions | undefined;
}

/** What a captured environment, or the `environment.json` of a run, is compared by. */
export interface RecordedEnvironment {
  readonly system: Pick<SystemInfo, 'platform' | 'arch' | 'node' | 'packages'>;
  readonly standard:
    | (Pick<StandardFacts, 'lock_file' | 'packages'> & {
        readonly program?: string | null | undefined;
        readonly gpu?: { readonly cuda_version?: string | null | undefined } | null | undefined;
      })
    | null;
}

/** What the manifest of a run says of its environment. */
export interface RecordedFacts {
  /** With or without a leading `v`. */
  readonly node: string;
  readonly tfjs: string | null;
  readonly tensorflow: string | null;
  readonly cuda: string | null;
  readonly backend: ComparableBackend | null;
  readonly env_lock: { readonly name: string | null; readonly hash: string | null };
}

/** Stands for the program of a list that holds what is installed, whoever needs it. */
const INSTALLED = '(installed)';

const TFJS = '@tensorflow/tfjs';

/**
 * What can be compared of a captured environment, of a recorded one, or of what a manifest tells. Of what both tell, what was
 * captured counts.
 */
export function comparableEnvironment(
  environment: RecordedEnvironment | null,
  facts: Partial<RecordedFacts> = {},
): ComparableEnvironment {
  const { node, tfjs, tensorflow, cuda, backend, env_lock: lock } = facts;
  const told = {
    ...(lock === undefined ? {} : { lock_file: lockFileOf(lock) }),
    ...(node === undefined ? {} : { node: node.replace(/^v/, '') }),
    ...(tfjs === undefined ? {} : { tfjs }),
    ...(cuda === undefined ? {} : { cuda }),
    ...(tensorflow === undefined ? {} : { tensorflow }),
    ...(backend === undefined ? {} : { backend }),
  };
  if (environment === null) return told;
  const { system, standard } = environment;
  return {
    ...told,
    node: system.node,
    platform: system.platform,
    arch: system.arch,
    tfjs: system.packages[TFJS] ?? null,
    ...(standard === null
      ? { program: INSTALLED, packages: system.packages }
      : {
          program: standard.program ?? null,
          lock_file: standard.lock_file,
          packages: standard.packages,
          ...(standard.gpu === undefined ? {} : { cuda: standard.gpu?.cuda_version ?? null }),
        }),
  };
}

/** A manifest has nulls too where the environment was captured too shortly to know. */
function lockFileOf({ name, hash }: RecordedFacts['env_lock']): LockFile | undefined {
  return name === null || hash === null ? undefined : { name, sha256: hash };
}
