import { types } from 'node:util';
import { DataError } from './errors';

interface Explanation {
  readonly code: string;
  readonly reason: string;
  readonly remedy: string;
}

const DISK_FULL: Explanation = {
  code: 'DISK_FULL',
  reason: 'no space is left on the disk or in the quota',
  remedy: 'free some space or choose a folder on another disk, then run the same command again',
};
const DENIED: Explanation = {
  code: 'PATH_UNWRITABLE',
  reason: 'permission denied',
  remedy: 'give yourself the right to it or choose another folder',
};
const IN_THE_WAY: Explanation = {
  code: 'PATH_UNWRITABLE',
  reason: 'something stands there already',
  remedy: 'move it away or choose another path',
};

/** What users can mend themselves, by the system's name of the error. */
const EXPLANATIONS: ReadonlyMap<string, Explanation> = new Map([
  ['ENOSPC', DISK_FULL],
  ['EDQUOT', DISK_FULL],
  ['EFBIG', { ...DISK_FULL, reason: 'the file would be larger than the system allows' }],
  ['EACCES', DENIED],
  ['EPERM', DENIED],
  ['EBUSY', { ...DENIED, reason: 'another program holds it', remedy: 'close that program' }],
  ['EROFS', { ...DENIED, reason: 'the file system is read-only', remedy: 'choose another folder' }],
  ['EIO', { ...DENIED, code: 'DISK_FAULTY', reason: 'the disk reports a fault' }],
  [
    'ENOENT',
    {
      code: 'PATH_MISSING',
      reason: 'no such file or folder',
      remedy: 'make the folder or correct the path',
    },
  ],
  ['ENOTDIR', { ...IN_THE_WAY, reason: 'a file stands where a folder is wanted' }],
  [
    'EISDIR',
    {
      ...IN_THE_WAY,
      reason: 'it is a folder, and a file is wanted',
      remedy: 'give the path of a file',
    },
  ],
  ['EEXIST', IN_THE_WAY],
  ['ENOTEMPTY', { ...IN_THE_WAY, reason: 'a folder with something in it stands there' }],
  [
    'ENAMETOOLONG',
    { ...IN_THE_WAY, reason: 'the name is too long', remedy: 'choose a shorter one' },
  ],
]);

/** What a failed operation was about, where the error itself does not say it well. */
export interface SystemErrorContext {
  /** What was tried, as a verb. Default: the name of the system call, such as `open`. */
  action?: string;
  /** The file or folder. Default: the path that the error names. */
  path?: string;
}

/** Whether a value is an error that the operating system gave, with its name, such as `ENOENT`, in `code`. */
export function isSystemError(error: unknown): error is NodeJS.ErrnoException & { code: string } {
  return (
    types.isNativeError(error) &&
    'errno' in error &&
    'code' in error &&
    typeof error.code === 'string'
  );
}

/**
 * The {@link DataError} that explains a failed operation on a file, if the user can mend it: a full disk, a missing
 * folder, a lack of rights and the like. Undefined for any other value.
 */
export function explainSystemError(
  error: unknown,
  context: SystemErrorContext = {},
): DataError | undefined {
  if (!isSystemError(error)) return undefined;
  const explanation = EXPLANATIONS.get(error.code);
  if (explanation === undefined || !isAboutFile(error, context)) return undefined;
  const { code, reason, remedy } = explanation;
  const action = context.action ?? error.syscall ?? 'use';
  const path = context.path ?? error.path ?? 'a file';
  return new DataError(`cannot ${action} ${path}: ${reason}`, { code, remedy, cause: error });
}

/** Errors of nothing but files, which a read or write reports without a path. */
const OF_FILES_ALONE: ReadonlySet<unknown> = new Set(['ENOSPC', 'EDQUOT', 'EISDIR']);

/** A socket, or a program that is not installed, fails with the same codes but wants another explanation. */
function isAboutFile(error: NodeJS.ErrnoException, context: SystemErrorContext): boolean {
  if (context.path !== undefined || OF_FILES_ALONE.has(error.code)) return true;
  return error.path !== undefined && error.syscall?.startsWith('spawn') !== true;
}
