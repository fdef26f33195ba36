import { encodingFormat } from './encoding-format';
import { gitUri, PRODUCER } from './identity';
import type { LineageGraph } from './lineage-graph';
import type { ArtifactNode, RunNode } from './lineage-node';
import { artifactsOf, runFlows, type RunFlow } from './run-flow';
import { settleJson, type JsonDraft, type JsonObject } from './settle-json';

const RO_CRATE = 'https://w3id.org/ro/crate/1.2';
const PROCESS_RUN_CRATE = 'https://w3id.org/ro/wfrun/process/0.5';

/** A person or an organisation. */
export interface RoCrateAgent {
  readonly name: string;
  /** URI, such as an ORCID or a web site. @default {a name within the crate} */
  readonly id?: string;
  /** @default {'Organization'} */
  readonly type?: 'Person' | 'Organization';
  /** Where to write to them. @default {none} */
  readonly email?: string;
}

/** A file that lies in the crate. */
export interface RoCrateFile {
  /** Relative to the crate, with forward slashes. */
  readonly path: string;
  readonly sha256: string;
  readonly bytes: number;
  /** Id of the artifact that it is a file of. */
  readonly artifact?: string;
  /** UUID of the run that it is a record of. */
  readonly run?: string;
  /** One sentence. @default {made of the above} */
  readonly description?: string;
  /** Media type. @default {by the ending of the path} */
  readonly encodingFormat?: string;
}

/** What a crate says of itself. */
export interface RoCrateOptions {
  readonly name: string;
  readonly description: string;
  /** A URI, or the terms in words. */
  readonly license: string;
  /** ISO 8601, a day or more exact. */
  readonly datePublished: string;
  readonly publisher?: RoCrateAgent;
  /** Who ran the runs. @default {the publisher} */
  readonly agent?: RoCrateAgent;
  /** Every file in the crate but `ro-crate-metadata.json` itself. @default {[]} */
  readonly files?: readonly RoCrateFile[];
}

/**
 * The content of `ro-crate-metadata.json` by RO-Crate 1.2 and Process Run Crate 0.5 (https://w3id.org/ro/wfrun/process/0.5):
 * a `CreateAction` for each run, with the artifacts that it used (`object`) and made (`result`), its parameters, seed and
 * metrics as `PropertyValue`; each artifact as a `Collection` of those of its files that lie in the crate, or as a
 * `CreativeWork` if none does; every file with its SHA-256 and size.
 */
export function toRoCrateMetadata(graph: LineageGraph, options: RoCrateOptions): JsonObject {
  const { files = [], publisher, agent = publisher } = options;
  const flows = runFlows(graph);
  const filesOf = groupByArtifact(files);
  const entities = new Map<string, JsonDraft>();
  for (const entity of [
    descriptor(),
    root(graph, options),
    profile(),
    license(options.license),
    ...[publisher, agent].flatMap((one) => (one === undefined ? [] : agentEntities(one))),
    ...files.map(fileEntity),
    ...artifactsOf(graph).map((artifact) =>
      artifactEntity(graph, artifact, filesOf.get(artifact.id) ?? []),
    ),
    ...flows.map(({ run }) => software(run)),
    ...flows.map((flow) => action(flow, agent)),
    ...flows.flatMap(({ run }) => values(run)),
  ]) {
    entities.set(entity['@id'], entity);
  }
  return settleJson({ '@context': `${RO_CRATE}/context`, '@graph': [...entities.values()] });
}

type Entity = Readonly<Record<string, JsonDraft>> & { readonly '@id': string };

function descriptor(): Entity {
  return {
    '@id': 'ro-crate-metadata.json',
    '@type': 'CreativeWork',
    name: 'Metadata of this crate',
    about: { '@id': './' },
    conformsTo: { '@id': RO_CRATE },
  };
}

function root(graph: LineageGraph, options: RoCrateOptions): Entity {
  const { name, description, datePublished, publisher, files = [] } = options;
  return {
    '@id': './',
    '@type': 'Dataset',
    name,
    description,
    datePublished,
    license: { '@id': license(options.license)['@id'] },
    conformsTo: { '@id': PROCESS_RUN_CRATE },
    publisher: publisher && { '@id': agentId(publisher) },
    hasPart: references(files.map(({ path }) => pathId(path))),
    mentions: references(graph.nodes.map((node) => (node.kind === 'run' ? runId(node.id) : artifactId(node.id)))), // prettier-ignore
  };
}

function profile(): Entity {
  return {
    '@id': PROCESS_RUN_CRATE,
    '@type': ['CreativeWork', 'Profile'],
    name: 'Process Run Crate',
    version: '0.5',
  };
}

function license(text: string): Entity {
  return {
    '@id': isWebAddress(text) ? text : '#license',
    '@type': 'CreativeWork',
    name: text,
    description: `The terms under which this crate may be used: ${text}`,
  };
}

function agentId({ id, name }: RoCrateAgent): string {
  return id ?? `#agent/${encode(name)}`;
}

function agentEntities(agent: RoCrateAgent): Entity[] {
  const { name, type = 'Organization', email } = agent;
  const id = agentId(agent);
  const contact = email === undefined ? undefined : `mailto:${encode(email)}`;
  const entity: Entity = {
    '@id': id,
    '@type': type,
    name,
    url: isWebAddress(id) ? id : undefined,
    contactPoint: contact === undefined ? undefined : { '@id': contact },
  };
  if (contact === undefined) return [entity];
  return [entity, { '@id': contact, '@type': 'ContactPoint', name: `E-mail of ${name}`, email, contactType: 'e-mail' }]; // prettier-ignore
}

function fileEntity(file: RoCrateFile): Entity {
  const { path, sha256, bytes, artifact, run } = file;
  const belongsTo = artifact ?? (run === undefined ? undefined : `run ${run}`);
  const about = artifact === undefined ? run && runId(run) : artifactId(artifact);
  return {
    '@id': pathId(path),
    '@type': 'File',
    name: path.split('/').at(-1),
    description:
      file.description ?? (belongsTo === undefined ? 'A file' : `A file of ${belongsTo}`),
    sha256,
    contentSize: String(bytes),
    encodingFormat: file.encodingFormat ?? encodingFormat(path),
    about: about === undefined ? undefined : { '@id': about },
  };
}

function artifactEntity(
  graph: LineageGraph,
  artifact: ArtifactNode,
  files: readonly RoCrateFile[],
): Entity {
  const { id, type, version, digest, bytes, createdAt, description } = artifact;
  const parts = files.map(({ path }) => pathId(path));
  const [first] = parts;
  const parents = graph.edgesTo(id).filter(({ kind }) => kind === 'derived');
  return {
    '@id': artifactId(id),
    '@type': first === undefined ? 'CreativeWork' : 'Collection',
    name: id,
    description: description ?? `${type} ${id}`,
    additionalType: type,
    version,
    sha256: digest,
    contentSize: String(bytes),
    dateCreated: zoned(createdAt),
    hasPart: references(parts),
    mainEntity: first === undefined ? undefined : { '@id': first },
    isBasedOn: references(parents.map(({ from }) => artifactId(from))),
  };
}

function groupByArtifact(files: readonly RoCrateFile[]): Map<string, RoCrateFile[]> {
  const groups = new Map<string, RoCrateFile[]>();
  for (const file of files) {
    if (file.artifact === undefined) continue;
    const group = groups.get(file.artifact);
    if (group === undefined) groups.set(file.artifact, [file]);
    else group.push(file);
  }
  return groups;
}

/** What ran: a job at a commit. */
function software(run: RunNode): Entity {
  const { job, git, node } = run;
  const remote = git?.remote ?? '';
  return {
    '@id': softwareId(run),
    '@type': 'SoftwareApplication',
    name: job,
    version: git?.commit ?? node ?? 'unknown',
    url: isWebAddress(remote) ? remote : (gitUri(git) ?? PRODUCER),
  };
}

function action({ run, inputs, outputs }: RunFlow, agent: RoCrateAgent | undefined): Entity {
  const { id, job, name, runId: folder, status, startedAt, endedAt } = run;
  const statuses = {
    COMPLETED: 'http://schema.org/CompletedActionStatus',
    FAILED: 'http://schema.org/FailedActionStatus',
    RUNNING: undefined,
  };
  const [given, measured] = [settings(run), measures(run)];
  return {
    '@id': runId(id),
    '@type': 'CreateAction',
    name: name ?? folder,
    description: `Run ${folder} of ${job}`,
    instrument: { '@id': softwareId(run) },
    agent: agent && { '@id': agentId(agent) },
    startTime: startedAt === null ? undefined : zoned(startedAt),
    endTime: endedAt === null ? undefined : zoned(endedAt),
    actionStatus: statuses[status],
    object: references([...inputs.map(({ artifact }) => artifactId(artifact.id)), ...given.map(({ '@id': one }) => one)]), // prettier-ignore
    result: references([...outputs.map(({ artifact }) => artifactId(artifact.id)), ...measured.map(({ '@id': one }) => one)]), // prettier-ignore
  };
}

function values(run: RunNode): Entity[] {
  return [...settings(run), ...measures(run)];
}

function settings({ id, params, seed }: RunNode): Entity[] {
  const all = settleJson(seed === null ? params : { ...params, seed });
  return sorted(all).map(([name, value]) => propertyValue(`${runId(id)}/param/${encode(name)}`, name, typeof value === 'string' ? value : JSON.stringify(value))); // prettier-ignore
}

function measures({ id, metrics }: RunNode): Entity[] {
  return sorted(metrics).map(([name, value]) =>
    propertyValue(`${runId(id)}/metric/${encode(name)}`, name, value),
  );
}

function propertyValue(id: string, name: string, value: JsonDraft): Entity {
  return { '@id': id, '@type': 'PropertyValue', name, value };
}

function sorted<T>(values: Readonly<Record<string, T>>): [string, T][] {
  return Object.entries(values).sort(([a], [b]) => (a < b ? -1 : 1));
}

function isWebAddress(text: string): boolean {
  return /^https?:\/\/[!-~]+$/.test(text) && URL.canParse(text);
}

/** A crate writes one reference as it is and several as a list. */
function references(ids: readonly string[]): JsonDraft {
  const items = [...new Set(ids)].map((id) => ({ '@id': id }));
  return items.length > 1 ? items : items[0];
}

/** The profile wants `+00:00` for `Z`. */
function zoned(time: string): string {
  return time.replace(/Z$/, '+00:00');
}

function runId(id: string): string {
  return `#run/${encode(id)}`;
}

function artifactId(id: string): string {
  return `#artifact/${encode(id)}`;
}

/** An address of the job at its commit, where the code has one. */
function softwareId({ job, git, node }: RunNode): string {
  const state = git?.is_dirty === true ? '-dirty' : '';
  const name = encode(`${job}@${git?.commit ?? node ?? 'unknown'}${state}`);
  const remote = git?.remote ?? '';
  return isWebAddress(remote) && !remote.includes('#') ? `${remote}#${name}` : `#software/${name}`;
}

/** A path as a relative URI reference; a colon might look like the end of a scheme. */
function pathId(path: string): string {
  return encode(path).replaceAll(':', '%3A');
}

/** Encodes what an IRI must not hold; other characters stay as they are, as RO-Crate recommends. */
function encode(text: string): string {
  return text
    .toWellFormed()
    .replace(/[\p{Cc}\p{Z}"<>\\^`{|}%#?[\]]/gu, (character) => encodeURIComponent(character));
}
