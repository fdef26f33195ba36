import { isDeepStrictEqual } from 'node:util';
import { type JsonObject, objectOf, stringsOf } from './json-value';

/** The fields of a `package.json` that `npm ci` compares with the lock file. */
const COMPARED = ['dependencies', 'devDependencies', 'optionalDependencies', 'peerDependencies'];

/**
 * Finds why `npm ci` would refuse a lock file. An installation on one platform leaves the optional packages of the
 * others out of the lock file if the registry that it asks does not have them: there `npm ci` then fails.
 *
 * @param lock Content of `package-lock.json`.
 * @param manifests Contents of the workspaces' `package.json` by folder; the root's is ''.
 */
export function lockFileProblems(
  lock: JsonObject,
  manifests: Readonly<Record<string, JsonObject>>,
): string[] {
  const packages = objectOf(lock['packages']);
  const unequal = Object.entries(manifests).flatMap(([folder, manifest]) =>
    COMPARED.filter(
      (field) =>
        !isDeepStrictEqual(
          stringsOf(objectOf(packages[folder])[field]),
          stringsOf(manifest[field]),
        ),
    ).map((field) => `package-lock.json has other ${field} of "${folder}" than its package.json`),
  );
  const missing = Object.entries(packages).flatMap(([key, entry]) =>
    ['dependencies', 'optionalDependencies']
      .flatMap((field) => Object.keys(stringsOf(objectOf(entry)[field])))
      .filter((name) => !isResolved(key, name, packages))
      .map((name) => `package-lock.json lacks "${name}", which "${key}" asks for`),
  );
  return [...unequal, ...missing];
}

/** Whether `name` stands in a `node_modules` of `key` or of a folder around it. */
function isResolved(key: string, name: string, packages: JsonObject): boolean {
  const parts = key === '' ? [] : key.split('/');
  return parts
    .concat('')
    .some((_, index) => [...parts.slice(0, index), 'node_modules', name].join('/') in packages);
}
