/** The member that names all others. */
export const INDEX_FILE = 'pixelis-crate.json';

/** What RO-Crate 1.2 wants at the top of a crate. */
export const METADATA_FILE = 'ro-crate-metadata.json';

/** The changes of the source code against its commit: whoever exports says whether others may see them. */
export const DIFF_FILE = 'environment.diff';

const MEMBER_BYTES_MAX = 1000;
const SEGMENT_BYTES_MAX = 255;

/**
 * A path that names a file below a folder on every system: forward slashes, no empty, `.` or `..` segment, none with a
 * colon, a backslash, a control character or a trailing dot or space, which Windows reads as something else.
 */
export const RELATIVE_PATH =
  /^[^\\/:\x00-\x1f]*[^\\/:\x00-\x1f. ](?:\/[^\\/:\x00-\x1f]*[^\\/:\x00-\x1f. ])*$/;

/** Where a member belongs. */
export type MemberPlace =
  | { readonly kind: 'index' | 'metadata' }
  | { readonly kind: 'content'; readonly sha256: string }
  | { readonly kind: 'run'; readonly runId: string; readonly path: string };

/** The place of a member; null for a name that no member has. */
export function placeOf(member: string): MemberPlace | null {
  if (member === INDEX_FILE) return { kind: 'index' };
  if (member === METADATA_FILE) return { kind: 'metadata' };
  const [, sha256] = /^contents\/([0-9a-f]{64})$/.exec(member) ?? [];
  if (sha256 !== undefined) return { kind: 'content', sha256 };
  const [, runId, path] = /^runs\/([A-Za-z0-9][A-Za-z0-9_.-]{0,99})\/(.+)$/s.exec(member) ?? [];
  if (runId === undefined || path === undefined || !isPortable(member)) return null;
  return { kind: 'run', runId, path };
}

/** The member that holds a content. */
export function contentMember(sha256: string): string {
  return `contents/${sha256}`;
}

/** The member that holds a file of a run. */
export function runMember(runId: string, path: string): string {
  return `runs/${runId}/${path}`;
}

/** What two members share that some file system cannot keep apart. */
export function collisionKey(member: string): string {
  return member.normalize('NFC').toLowerCase();
}

/** The folders above a path: `a/b/c` has `a` and `a/b`. */
export function foldersAbove(path: string): string[] {
  const segments = path.split('/').slice(0, -1);
  return segments.map((_, index) => segments.slice(0, index + 1).join('/'));
}

function isPortable(path: string): boolean {
  if (!RELATIVE_PATH.test(path) || Buffer.byteLength(path) > MEMBER_BYTES_MAX) return false;
  return path.split('/').every((segment) => Buffer.byteLength(segment) <= SEGMENT_BYTES_MAX);
}
