import { REDACTED } from '@pixelis/core';

import type { ComparableBackend, ComparableEnvironment } from './comparable-environment';
import type { StandardFacts } from './environment';
import type { PackageVersions } from './installed-packages';

/** Something in which an environment is not as it is expected to be. */
export interface EnvironmentDifference {
  /** What it is, by its key in `env.lock.json`: `node`, `lock_file.sha256`, `packages.zod`. */
  readonly what: string;
  /** Null where none is expected. */
  readonly expected: string | null;
  /** Null where there is none. */
  readonly present: string | null;
  /** One line that says how to mend it. */
  readonly remedy: string;
}

type Value = string | null | undefined;

/** Backends whose bits do not depend on the number of threads. */
const THREAD_INDEPENDENT: readonly string[] = ['wasm', 'reference'];

const REINSTALL = 'npm ci';

/**
 * Everything in which an environment is not the expected one, as far as both are known: lock file, Node, backend, TensorFlow,
 * CUDA, system, and every package. Threads count on backends alone whose bits may depend on them.
 */
export function compareEnvironments(
  expected: ComparableEnvironment,
  present: ComparableEnvironment,
): EnvironmentDifference[] {
  const packages = packageDifferences(expected, present);
  const isTold = packages.some(({ what }) => what === 'packages.@tensorflow/tfjs');
  return [
    ...lockDifferences(expected, present),
    ...differ(['node', expected.node, present.node], `install Node ${expected.node}, ${REINSTALL}`),
    ...backendDifferences(expected, present),
    ...differ(
      ['tensorflow', expected.tensorflow, present.tensorflow],
      expected.tensorflow === null
        ? 'use the backend that is expected'
        : `install TensorFlow ${expected.tensorflow}`,
    ),
    ...(isTold ? [] : differ(['tfjs', expected.tfjs, present.tfjs], REINSTALL)),
    ...differ(
      ['cuda', expected.cuda, present.cuda],
      expected.cuda === null
        ? 'use a machine without CUDA'
        : `install a driver that supports CUDA ${expected.cuda}`,
    ),
    ...differ(['platform', expected.platform, present.platform], `run it on ${expected.platform}`),
    ...differ(['arch', expected.arch, present.arch], `run it on ${expected.arch}`),
    ...packages,
  ];
}

/** Packages of which not the version is installed that the lock file holds. */
export function lockFileDifferences({
  package_differences: differences,
}: Pick<StandardFacts, 'package_differences'>): EnvironmentDifference[] {
  return differences.map(({ name, installed, locked }) => ({
    what: `packages.${name}`,
    expected: locked.length === 0 ? null : locked.join(' or '),
    present: installed,
    remedy: REINSTALL,
  }));
}

function differ(
  [what, expected, present]: readonly [string, Value, Value],
  remedy: string,
): EnvironmentDifference[] {
  if (expected === undefined || present === undefined || expected === present) return [];
  // A package whose name looks like that of a secret is recorded without its version.
  if (expected === REDACTED || present === REDACTED) return [];
  return [{ what, expected, present, remedy }];
}

function lockDifferences(
  { lock_file: expected }: ComparableEnvironment,
  { lock_file: present }: ComparableEnvironment,
): EnvironmentDifference[] {
  const remedy =
    expected === null
      ? 'use a checkout without a lock file'
      : `restore the ${expected?.name} that is expected, ${REINSTALL}`;
  return [
    ...differ(['lock_file.name', nameOf(expected), nameOf(present)], remedy),
    ...(expected === null || present === null
      ? []
      : differ(['lock_file.sha256', expected?.sha256, present?.sha256], remedy)),
  ];
}

function nameOf(part: { readonly name: string } | null | undefined): Value {
  return part === null ? null : part?.name;
}

function backendDifferences(
  { backend: expected }: ComparableEnvironment,
  { backend: present }: ComparableEnvironment,
): EnvironmentDifference[] {
  const names = [nameOf(expected), nameOf(present)] as const;
  const remedy =
    expected === null ? 'use no backend' : `choose it by --backend ${expected?.name ?? ''}`;
  const byName = differ(['backend.name', ...names], remedy);
  if (!expected || !present) return byName;
  const version = knownPair(expected.version, present.version);
  const threads = knownPair(threadsOf(expected), threadsOf(present));
  return [
    ...byName,
    ...differ(['backend.version', ...version], `install version ${version[0]} of the backend`),
    ...differ(['backend.threads', ...threads], `choose them by --threads ${threads[0]}`),
  ];
}

/** Of a backend, null means that it is not known. */
function knownPair(expected: Value, present: Value): readonly [Value, Value] {
  return [expected ?? undefined, present ?? undefined];
}

function threadsOf({ name, threads }: ComparableBackend): Value {
  return THREAD_INDEPENDENT.includes(name) || typeof threads !== 'number'
    ? undefined
    : String(threads);
}

function packageDifferences(
  expected: ComparableEnvironment,
  present: ComparableEnvironment,
): EnvironmentDifference[] {
  if (expected.packages === undefined || present.packages === undefined) return [];
  const isWhole = (expected.program ?? null) === (present.program ?? null);
  const [a, b] = [versionsOf(expected.packages), versionsOf(present.packages)];
  const names = [...new Set([...a.keys(), ...b.keys()])].sort();
  return names
    .filter((name) => isWhole || !areCompatible(a.get(name), b.get(name)))
    .flatMap((name) =>
      differ([`packages.${name}`, a.get(name) ?? null, b.get(name) ?? null], REINSTALL),
    );
}

/** Two programs need packages at other depths: of one installation each may see some versions that the other does not. */
function areCompatible(one: string | undefined, other: string | undefined): boolean {
  if (one === undefined || other === undefined) return true;
  const [fewer, more] = [one.split(', '), other.split(', ')].sort((a, b) => a.length - b.length);
  return fewer?.every((version) => more?.includes(version)) === true;
}

function versionsOf(packages: PackageVersions): ReadonlyMap<string, string> {
  return new Map(Object.entries(packages));
}
