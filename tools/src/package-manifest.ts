import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type JsonObject, objectOf, stringsOf } from './json-value';

/** What the checks need of a `package.json`. */
export interface PackageManifest {
  readonly name: string;
  readonly version: string;
  readonly license: string | undefined;
  /** Version ranges by package name. */
  readonly dependencies: Readonly<Record<string, string>>;
  readonly peerDependencies: Readonly<Record<string, string>>;
  /** Peers that may be missing. */
  readonly optionalPeers: ReadonlySet<string>;
  readonly scripts: Readonly<Record<string, string>>;
  /** Name of the project in nx. */
  readonly project: string;
  /** Targets that the file itself defines; plugins infer more. */
  readonly targets: readonly string[];
  /** Paths that `main`, `types` and `exports` promise, such as `./dist/index.js`. */
  readonly entries: readonly string[];
}

/**
 * Reads the `package.json` of `folder`.
 *
 * @throws {TypeError} If it has no name or version.
 */
export function readPackageManifest(folder: string): PackageManifest {
  const path = join(folder, 'package.json');
  const json = objectOf(JSON.parse(readFileSync(path, 'utf8')));
  const { name, version, license } = json;
  if (typeof name !== 'string' || typeof version !== 'string') {
    throw new TypeError(`Cannot read ${path}: name and version must be strings`);
  }
  const nx = objectOf(json['nx']);
  return {
    name,
    version,
    license: typeof license === 'string' ? license : undefined,
    dependencies: stringsOf(json['dependencies']),
    peerDependencies: stringsOf(json['peerDependencies']),
    optionalPeers: optionalPeers(objectOf(json['peerDependenciesMeta'])),
    scripts: stringsOf(json['scripts']),
    project: typeof nx['name'] === 'string' ? nx['name'] : name,
    targets: Object.keys(objectOf(nx['targets'])),
    entries: [json['main'], json['types'], json['exports']].flatMap(pathsIn),
  };
}

function optionalPeers(meta: JsonObject): Set<string> {
  return new Set(Object.keys(meta).filter((name) => objectOf(meta[name])['optional'] === true));
}

function pathsIn(entry: unknown): string[] {
  if (typeof entry === 'string') return [entry];
  return Object.values(objectOf(entry)).flatMap(pathsIn);
}
