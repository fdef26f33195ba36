import { encodeStrictly, gitUri, PRODUCER } from './identity';
import type { LineageGraph } from './lineage-graph';
import type { ArtifactNode, RunNode } from './lineage-node';
import { artifactsOf, runFlows, wholeEdges } from './run-flow';
import { settleJson, type JsonDraft, type JsonObject } from './settle-json';

/**
 * A graph as PROV-JSON (W3C member submission, https://www.w3.org/submissions/prov-json/): artifacts are entities, runs are
 * activities, and the code that ran, at its commit, is the software agent that each is associated with. What is missing
 * from the graph is left out.
 */
export function toProvJson(graph: LineageGraph): JsonObject {
  const agents = new Map<string, JsonDraft>();
  const associations = new Map<string, JsonDraft>();
  const activities = runFlows(graph).map(({ run }): [string, JsonDraft] => {
    const agent = agentName(run);
    agents.set(agent, agentOf(run));
    associations.set(`_:association-${run.id}`, {
      'prov:activity': activityName(run.id),
      'prov:agent': agent,
    });
    return [activityName(run.id), activityOf(run)];
  });
  return settleJson({
    prefix: {
      artifact: `${PRODUCER}#artifact/`,
      run: 'urn:uuid:',
      code: `${PRODUCER}#code/`,
      pixelis: `${PRODUCER}#`,
    },
    entity: Object.fromEntries(artifactsOf(graph).map((one) => [entityName(one.id), entityOf(one)])), // prettier-ignore
    activity: Object.fromEntries(activities),
    agent: Object.fromEntries(agents),
    used: relations(graph, 'used'),
    wasGeneratedBy: relations(graph, 'produced'),
    wasDerivedFrom: relations(graph, 'derived'),
    wasAssociatedWith: Object.fromEntries(associations),
  });
}

/** Relations by names of blank nodes, which count from 1 in the order of the graph. */
function relations(graph: LineageGraph, kind: 'used' | 'produced' | 'derived'): JsonDraft {
  const entries = wholeEdges(graph, kind).map((edge, index): [string, JsonDraft] => {
    const { from, to, role, digest } = edge;
    const ends = {
      used: { 'prov:activity': activityName(to), 'prov:entity': entityName(from) },
      produced: { 'prov:entity': entityName(to), 'prov:activity': activityName(from) },
      derived: { 'prov:generatedEntity': entityName(to), 'prov:usedEntity': entityName(from) },
    }[kind];
    const known = { 'prov:role': role ?? undefined, 'pixelis:sha256': digest ?? undefined };
    return [`_:${kind}-${index + 1}`, { ...ends, ...known }];
  });
  return Object.fromEntries(entries);
}

function entityOf(artifact: ArtifactNode): JsonDraft {
  const { id, type, digest, bytes, version, createdAt, description, aliases } = artifact;
  return {
    'prov:label': id,
    'prov:type': { $: `pixelis:${encodeStrictly(type)}`, type: 'prov:QUALIFIED_NAME' },
    'pixelis:version': version,
    'pixelis:sha256': digest,
    'pixelis:bytes': bytes,
    'pixelis:created_at': { $: createdAt, type: 'xsd:dateTime' },
    'pixelis:description': description ?? undefined,
    'pixelis:alias': aliases.length === 0 ? undefined : aliases,
  };
}

function activityOf(run: RunNode): JsonDraft {
  const measured = Object.entries(run.metrics).map(([key, value]): [string, JsonDraft] => [
    `pixelis:metric-${encodeStrictly(key)}`,
    value,
  ]);
  return {
    'prov:label': run.name ?? run.runId,
    'prov:startTime': run.startedAt ?? undefined,
    'prov:endTime': run.endedAt ?? undefined,
    'pixelis:run_id': run.runId,
    'pixelis:job': run.job,
    'pixelis:status': run.status,
    'pixelis:seed': run.seed ?? undefined,
    'pixelis:params': JSON.stringify(settleJson(run.params)),
    ...Object.fromEntries(measured),
  };
}

function agentOf({ job, git, node }: RunNode): JsonDraft {
  return {
    'prov:type': { $: 'prov:SoftwareAgent', type: 'prov:QUALIFIED_NAME' },
    'prov:label': job,
    'pixelis:git_commit': git?.commit ?? undefined,
    'pixelis:git_uri': gitUri(git) ?? undefined,
    'pixelis:is_dirty': git?.is_dirty ?? undefined,
    'pixelis:node': node ?? undefined,
  };
}

/** Runs of one job at one commit on one Node.js have one agent. */
function agentName({ job, git, node }: RunNode): string {
  const state = git?.is_dirty === true ? `${git.commit ?? ''}-dirty` : (git?.commit ?? '');
  const parts = [job, state, node ?? ''];
  return `code:${parts.map(encodeStrictly).join('_')}`;
}

function entityName(id: string): string {
  return `artifact:${encodeStrictly(id)}`;
}

function activityName(id: string): string {
  return `run:${encodeStrictly(id)}`;
}
