import { nearestName, UsageError } from '@pixelis/core';
import { LATEST } from './alias-name';
import type { History } from './history';
import type { ArtifactVersion } from './history-entry';
import { formatVersion, parseVersion } from './semantic-version';

/** Splits `name:version`, where the version may be an alias; without one it is `latest`. */
export function parseSpec(spec: string): { name: string; selector: string } {
  const colon = spec.indexOf(':');
  if (colon < 0) return { name: spec, selector: LATEST };
  return { name: spec.slice(0, colon), selector: spec.slice(colon + 1) };
}

/**
 * The version that `v2`, `1.2.0` or an alias names.
 *
 * @throws {UsageError} `ARTIFACT_UNKNOWN` if there is none, `ARTIFACT_REMOVED` if its content was given up.
 */
export function selectVersion(history: History, selector: string): ArtifactVersion {
  const parts = parseVersion(selector);
  const text = parts === null ? history.aliases.get(selector) : formatVersion(parts);
  const version = text === undefined ? undefined : history.version(text);
  if (version === undefined) throw unknownVersionError(history, selector);
  if (!history.isRemoved(version.version)) return version;
  throw new UsageError(`${history.name}:${version.version} was removed by a retention policy`, {
    code: 'ARTIFACT_REMOVED',
    remedy: `Use another version; ${history.name}:latest is ${history.aliases.get(LATEST) ?? 'none'}.`,
  });
}

/** What to say of a name that no artifact has. */
export function unknownArtifactError(name: string, names: readonly string[]): UsageError {
  const nearest = nearestName(name, names);
  return new UsageError(`no artifact is named ${JSON.stringify(name)}`, {
    code: 'ARTIFACT_UNKNOWN',
    remedy:
      nearest === undefined
        ? 'List the artifacts to see the names that there are.'
        : `Did you mean ${nearest}?`,
  });
}

function unknownVersionError(history: History, selector: string): UsageError {
  const versions = history.keptVersions().map(({ version }) => version);
  const aliases = [...history.aliases.keys()];
  const nearest = nearestName(selector, [...aliases, ...versions]);
  const hint = nearest === undefined ? '' : `Did you mean ${history.name}:${nearest}? `;
  return new UsageError(`${history.name} has no version or alias ${JSON.stringify(selector)}`, {
    code: 'ARTIFACT_UNKNOWN',
    remedy: `${hint}Its newest versions are ${versions.slice(-3).join(', ')}; its aliases ${aliases.join(', ')}.`,
  });
}
