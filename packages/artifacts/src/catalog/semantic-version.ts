/** A version in parts, such as `[1, 2, 0]`. */
export type SemanticVersion = readonly [major: number, minor: number, patch: number];

/** Which part of a version new content raises. */
export type VersionBump = 'major' | 'minor' | 'patch';

const NUMBER = '(0|[1-9]\\d{0,8})';
const FULL = new RegExp(`^${NUMBER}\\.${NUMBER}\\.${NUMBER}$`);
const SHORT = new RegExp(`^v${NUMBER}$`);

/** Reads `1.2.0`, or `v2` for `2.0.0`; null if the text is no version. */
export function parseVersion(text: string): SemanticVersion | null {
  const [, major, minor = '0', patch = '0'] = FULL.exec(text) ?? SHORT.exec(text) ?? [];
  return major === undefined ? null : [Number(major), Number(minor), Number(patch)];
}

/** The full form, `2.0.0`. */
export function formatVersion(version: SemanticVersion): string {
  return version.join('.');
}

/** What is shown to people: `v2` for `2.0.0`, any other version as it is. */
export function showVersion(version: string): string {
  const parts = parseVersion(version);
  return parts?.[1] === 0 && parts[2] === 0 ? `v${parts[0]}` : version;
}

/** Negative if `a` comes before `b`, 0 if they are equal. */
export function compareVersions(a: SemanticVersion, b: SemanticVersion): number {
  return a[0] - b[0] || a[1] - b[1] || a[2] - b[2];
}

/** The version after `version`; the parts behind the one that is raised become 0. */
export function raiseVersion(
  [major, minor, patch]: SemanticVersion,
  bump: VersionBump,
): SemanticVersion {
  if (bump === 'major') return [major + 1, 0, 0];
  return bump === 'minor' ? [major, minor + 1, 0] : [major, minor, patch + 1];
}
