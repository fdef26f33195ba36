import { IntegrityError } from '@pixelis/core';
import {
  type ArtifactNode,
  exportLineage,
  type ExportLineageOptions,
  type LineageFormat,
  type LineageGraph,
  type LineageProblem,
} from '@pixelis/lineage';
import type { ArtifactManager } from './artifact-manager';
import type { History } from './history';
import { type ArtifactFile, artifactId, type ArtifactVersion } from './history-entry';
import { inParallel } from './in-parallel';
import { joinEdges, lineageEdges } from './lineage-edges';
import { runNodes } from './run-nodes';

/**
 * What came from what, read from the histories of the artifacts, the logs of all writers and the folders of the runs.
 * Versions whose content was given up are in it, without their files.
 */
export class LineageTracker {
  readonly #manager: ArtifactManager;

  constructor(manager: ArtifactManager) {
    this.#manager = manager;
  }

  /** The graph as it is on the disk now. */
  async graph(): Promise<LineageGraph> {
    const known = this.#manager.intactHistories().flatMap(versionsOf);
    const versions = known.map(({ version }) => version);
    const facts = this.#manager.runFacts();
    const artifacts = await inParallel(known, async ({ version, isRemoved }) =>
      artifactNode(version, isRemoved ? [] : await this.#filesIfIntact(version)),
    );
    const runs = runNodes(this.#manager.root, facts, versions);
    return joinEdges([...artifacts, ...runs], lineageEdges(versions, facts));
  }

  /** What is wrong with the graph: cycles, orphans, missing references, and content that is not what an edge knew. */
  async validate(): Promise<LineageProblem[]> {
    return (await this.graph()).validate();
  }

  /**
   * The graph as the text of a file.
   *
   * @throws {UsageError} `LINEAGE_OPTIONS_MISSING` if the format needs options that are not given.
   */
  async export(format: LineageFormat, options: ExportLineageOptions = {}): Promise<string> {
    return exportLineage(await this.graph(), format, options);
  }

  /** Damage is for `verify` to name; the lineage of the rest is known all the same. */
  async #filesIfIntact(version: ArtifactVersion): Promise<readonly ArtifactFile[]> {
    try {
      return await this.#manager.files(version);
    } catch (error) {
      if (error instanceof IntegrityError) return [];
      throw error;
    }
  }
}

function versionsOf(history: History): { version: ArtifactVersion; isRemoved: boolean }[] {
  return history
    .versions()
    .map((version) => ({ version, isRemoved: history.isRemoved(version.version) }));
}

function artifactNode(version: ArtifactVersion, files: readonly ArtifactFile[]): ArtifactNode {
  const { name, type, digest, bytes, createdAt, isExternal, aliases, description, metadata } =
    version;
  const facts = { name, version: version.version, type, digest, bytes, createdAt, isExternal };
  return {
    kind: 'artifact',
    id: artifactId(version),
    ...facts,
    aliases,
    description,
    metadata,
    files,
  };
}
