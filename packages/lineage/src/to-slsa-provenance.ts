import { UsageError } from '@pixelis/core';
import { gitUri, packageUrl, PRODUCER } from './identity';
import type { LineageGraph } from './lineage-graph';
import type { RunNode } from './lineage-node';
import { packagesOf, runFlow, type FlowItem } from './run-flow';
import { settleJson, type JsonDraft, type JsonObject } from './settle-json';

/** Which run, and who vouches for it. */
export interface SlsaProvenanceOptions {
  /** UUID of the run. */
  run: string;
  /** URI of who ran it and is to be trusted for this statement. @default {'pkg:npm/%40pixelis/lineage#local'} */
  builderId?: string;
  /** URI of how parameters are to be read. @default {'pkg:npm/%40pixelis/lineage#run/v1'} */
  buildType?: string;
}

/**
 * SLSA provenance v1 (https://slsa.dev/spec/v1.1/provenance) of what a run produced, as an in-toto Statement v1. Subjects are
 * the artifacts by the SHA-256 of their content and each of their files. External parameters are the job, its parameters and
 * the seed; resolved dependencies are the artifacts that the run used, the git commit, the lock file and the packages.
 *
 * Of the build type `run/v1`: `externalParameters` holds `job`, `params` and `seed`; `internalParameters` holds `node`.
 *
 * @throws {UsageError} `LINEAGE_NODE_UNKNOWN`; `LINEAGE_RUN_INCOMPLETE` if the run is not complete or produced nothing.
 */
export function toSlsaProvenance(graph: LineageGraph, options: SlsaProvenanceOptions): JsonObject {
  const { builderId = `${PRODUCER}#local`, buildType = `${PRODUCER}#run/v1` } = options;
  const { run, inputs, outputs } = completeFlow(graph, options.run);
  return settleJson({
    _type: 'https://in-toto.io/Statement/v1',
    subject: subjects(outputs),
    predicateType: 'https://slsa.dev/provenance/v1',
    predicate: {
      buildDefinition: {
        buildType,
        externalParameters: { job: run.job, params: run.params, seed: run.seed },
        internalParameters: { node: run.node },
        resolvedDependencies: [...artifactDependencies(inputs), ...codeDependencies(run)],
      },
      runDetails: {
        builder: { id: builderId },
        metadata: {
          invocationId: `urn:uuid:${run.id}`,
          startedOn: run.startedAt ?? undefined,
          finishedOn: run.endedAt ?? undefined,
        },
      },
    },
  });
}

function completeFlow(graph: LineageGraph, id: string): ReturnType<typeof runFlow> {
  graph.edgesTo(id); // throws for an unknown one
  const node = graph.node(id);
  const flow = node?.kind === 'run' ? runFlow(graph, node) : undefined;
  if (flow?.run.status === 'COMPLETED' && flow.outputs.length > 0) return flow;
  const why = flow === undefined ? 'is no run' : `is ${flow.run.status} with ${flow.outputs.length} outputs`; // prettier-ignore
  throw new UsageError(`there is no provenance of ${id}: it ${why}`, {
    code: 'LINEAGE_RUN_INCOMPLETE',
    remedy: 'name a run that is COMPLETED and produced an artifact, by its UUID',
  });
}

function subjects(outputs: readonly FlowItem[]): JsonDraft[] {
  return outputs.flatMap(({ artifact: { id, digest, files } }) => [
    { name: id, digest: { sha256: digest } },
    ...files.map(({ path, sha256 }) => ({ name: `${id}/${path}`, digest: { sha256 } })),
  ]);
}

function artifactDependencies(inputs: readonly FlowItem[]): JsonDraft[] {
  return inputs.map(({ artifact, edge }) => ({
    name: artifact.id,
    digest: { sha256: edge.digest ?? artifact.digest },
    annotations: { type: artifact.type, role: edge.role ?? undefined },
  }));
}

function codeDependencies(run: RunNode): JsonDraft[] {
  const { git, lockFile = null } = run;
  const dependencies: JsonDraft[] = [];
  if (git !== null && git.commit !== null) {
    dependencies.push({
      name: 'source',
      uri: gitUri(git) ?? undefined,
      digest: { gitCommit: git.commit },
      annotations: git.is_dirty === null ? undefined : { is_dirty: git.is_dirty },
    });
  }
  if (lockFile !== null)
    dependencies.push({ name: lockFile.name, digest: { sha256: lockFile.sha256 } });
  const installed = packagesOf(run).map(([name, version]) => ({
    name,
    uri: packageUrl(name, version),
  }));
  return [...dependencies, ...installed];
}
