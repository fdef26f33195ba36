import { builtinModules } from 'node:module';
import type { TextFile } from './files';
import { moduleReferences, packageNameOf } from './imported-modules';
import type { PackageManifest } from './package-manifest';

export interface DependencyProblemsOptions {
  /** Peers of the workspace's packages that the package depends on: it may have to bring them. @default none */
  readonly neededPeers?: ReadonlySet<string>;
}

/**
 * Compares what the sources of a package import with what its `package.json` declares. npm links every workspace into
 * one folder, so an undeclared import works here and fails for whoever installs the package.
 *
 * @param sources The files that are shipped, tests left out.
 * @returns A sentence for each import that is not declared and each dependency that nothing uses. A peer may be unused:
 *   it can also say which versions of a module fit that the package is handed.
 */
export function dependencyProblems(
  manifest: PackageManifest,
  sources: readonly TextFile[],
  { neededPeers = new Set() }: DependencyProblemsOptions = {},
): string[] {
  const dependencies = Object.keys(manifest.dependencies);
  const declared = new Set([...dependencies, ...Object.keys(manifest.peerDependencies)]);
  const mentioned = new Set<string>();
  const problems: string[] = [];
  for (const { path, text } of sources) {
    const { imports, literals } = moduleReferences(text);
    for (const name of packagesIn(literals)) mentioned.add(name);
    for (const name of packagesIn(imports)) {
      if (builtinModules.includes(name)) {
        problems.push(`${path} imports "${name}": modules of Node are imported as "node:${name}"`);
      } else if (!declared.has(name) && name !== manifest.name) {
        problems.push(`${path} imports "${name}", which ${manifest.name} does not declare`);
      }
    }
  }
  const unused = dependencies.filter((name) => !mentioned.has(name) && !neededPeers.has(name));
  return [
    ...problems,
    ...unused.map((name) => `${manifest.name} declares "${name}", which nothing in it uses`),
  ];
}

function packagesIn(specifiers: ReadonlySet<string>): Set<string> {
  return new Set([...specifiers].map(packageNameOf).filter((name) => name !== undefined));
}
