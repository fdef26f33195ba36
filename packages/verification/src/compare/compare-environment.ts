import type { RunManifest } from '@pixelis/artifacts';
import type { JsonValue } from '@pixelis/core';
import {
  comparableEnvironment,
  compareEnvironments,
  type EnvironmentDifference,
  type RecordedFacts,
} from '@pixelis/reproducibility';
import type { EnvironmentFacts } from '../record/environment-facts';
import { type Stage, stage } from './stage';
import { describeDifference, type ValueDifference } from './value-difference';

/** Where a run was made. */
export interface RunEnvironment {
  readonly environment: EnvironmentFacts | null;
  readonly manifest: Pick<RunManifest, keyof RecordedFacts> | null;
}

/** Everything in which the second of two runs was not made in the environment of the first, as far as both tell. */
export function environmentDifferences(
  a: RunEnvironment,
  b: RunEnvironment,
): EnvironmentDifference[] {
  return compareEnvironments(
    comparableEnvironment(a.environment, a.manifest ?? {}),
    comparableEnvironment(b.environment, b.manifest ?? {}),
  );
}

/**
 * Whether two runs were made on machines and libraries that can reach their numbers alike: system, processor, Node.js,
 * backend, libraries and lock file. Paths belong to the configuration.
 */
export function compareEnvironment(a: RunEnvironment, b: RunEnvironment): Stage {
  if (a.environment === null || b.environment === null) {
    const side = a.environment === null ? 'A' : 'B';
    return stage(['environment', 'unknown', `${side} has no environment.json`]);
  }
  const differences = [
    ...environmentDifferences(a, b).map(({ what, expected, present }): ValueDifference => ({
      path: OF_SYSTEM.has(what) ? `system.${what}` : what,
      a: expected,
      b: present,
    })),
    ...machineDifferences(a.environment, b.environment),
  ];
  const [first] = differences;
  if (first !== undefined) {
    const more = differences.length > 1 ? `, and ${differences.length - 1} more` : '';
    return stage(['environment', 'differs', `${describeDifference(first)}${more}`], {
      differences,
    });
  }
  const { system, standard } = a.environment;
  const count = Object.keys((standard ?? system).packages).length;
  return stage([
    'environment',
    'equal',
    `${system.platform} ${system.arch}, Node.js ${system.node}, ${count} packages`,
  ]);
}

/** They stand in this part of `environment.json`. */
const OF_SYSTEM: ReadonlySet<string> = new Set(['node', 'platform', 'arch']);

/** What no environment lock asks for, though numbers may depend on it. */
function machineDifferences(a: EnvironmentFacts, b: EnvironmentFacts): ValueDifference[] {
  const rows: (readonly [string, JsonValue, JsonValue])[] = [
    ['system.endianness', a.system.endianness, b.system.endianness],
    ['system.cpu.model', a.system.cpu.model, b.system.cpu.model],
    ['system.v8', a.system.v8, b.system.v8],
  ];
  return rows
    .filter(([, valueA, valueB]) => valueA !== valueB)
    .map(([path, valueA, valueB]) => ({ path, a: valueA, b: valueB }));
}
