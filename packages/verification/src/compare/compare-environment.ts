import type { JsonValue } from '@pixelis/core';
import type { RunManifest } from '@pixelis/artifacts';
import type { EnvironmentFacts } from '../record/environment-facts';
import { type Stage, stage } from './stage';
import { describeDifference, type ValueDifference } from './value-difference';

/** Where a run was made. */
export interface RunEnvironment {
  readonly environment: EnvironmentFacts | null;
  readonly manifest: Pick<RunManifest, 'backend' | 'tensorflow' | 'cuda'> | null;
}

/**
 * Whether two runs were made on machines and libraries that can reach their numbers alike: system, processor, Node.js,
 * backend, libraries and lock file. Threads and paths belong to the configuration.
 */
export function compareEnvironment(a: RunEnvironment, b: RunEnvironment): Stage {
  if (a.environment === null || b.environment === null) {
    const side = a.environment === null ? 'A' : 'B';
    return stage(['environment', 'unknown', `${side} has no environment.json`]);
  }
  const [factsA, factsB] = [factsOf(a, b), factsOf(b, a)];
  const differences = [...new Set([...factsA.keys(), ...factsB.keys()])]
    .map((path): ValueDifference => ({
      path,
      a: factsA.get(path) ?? null,
      b: factsB.get(path) ?? null,
    }))
    .filter((row) => row.a !== row.b);
  const [first] = differences;
  if (first !== undefined) {
    const more = differences.length > 1 ? `, and ${differences.length - 1} more` : '';
    return stage(['environment', 'differs', `${describeDifference(first)}${more}`], {
      differences,
    });
  }
  const { platform, arch, node } = a.environment.system;
  return stage([
    'environment',
    'equal',
    `${platform} ${arch}, Node.js ${node}, ${factsA.size} items`,
  ]);
}

/** What both runs can have recorded, by path. */
function factsOf(
  { environment, manifest }: RunEnvironment,
  other: RunEnvironment,
): Map<string, JsonValue> {
  if (environment === null) return new Map();
  const { system, standard } = environment;
  const isDetailed = standard !== null && (other.environment?.standard ?? null) !== null;
  const packages = isDetailed ? standard.packages : system.packages;
  const isBackendKnown = manifest !== null && other.manifest !== null;
  return new Map<string, JsonValue>([
    ['system.platform', system.platform],
    ['system.arch', system.arch],
    ['system.endianness', system.endianness],
    ['system.cpu.model', system.cpu.model],
    ['system.node', system.node],
    ['system.v8', system.v8],
    ...(isBackendKnown
      ? ([
          ['backend.name', manifest.backend?.name ?? null],
          ['backend.version', manifest.backend?.version ?? null],
          ['tensorflow', manifest.tensorflow],
          ['cuda', manifest.cuda],
        ] satisfies [string, JsonValue][])
      : []),
    ...Object.entries(packages).map(([name, version]): [string, JsonValue] => [
      `packages.${name}`,
      version,
    ]),
    ...(isDetailed
      ? ([['lock_file.sha256', standard.lock_file?.sha256 ?? null]] satisfies [string, JsonValue][])
      : []),
  ]);
}
