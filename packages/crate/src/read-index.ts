import { checkArtifactName } from '@pixelis/artifacts';
import { canonicalJson, PixelisError } from '@pixelis/core';
import { z } from 'zod';
import { inconsistent } from './crate-error';
import {
  type CrateArtifact,
  type CrateIndex,
  crateIndexSchema,
  type CrateMember,
} from './crate-index';
import { artifactId } from './index-entries';
import { foldersAbove, INDEX_FILE, METADATA_FILE, placeOf } from './member-path';
import type { OpenedZip } from './read-zip';

const INDEX_BYTES_MAX = 128 << 20;

/**
 * Reads the index of a crate and checks that it and the members fit together, before anything is unpacked.
 *
 * @throws {DataError} `CRATE_INCONSISTENT` if they do not; `CRATE_DAMAGED` if the index cannot be read.
 */
export async function readIndex(zip: OpenedZip): Promise<CrateIndex> {
  const { file } = zip;
  const bytes = zip.sizes.get(INDEX_FILE);
  if (bytes === undefined) throw inconsistent(file, `it has no ${INDEX_FILE}`);
  if (bytes > INDEX_BYTES_MAX) throw inconsistent(file, `its index has ${bytes} bytes`);
  const index = parseIndex(file, await readAll(zip, INDEX_FILE));
  checkMembers(zip, index);
  checkRuns(file, index);
  checkArtifacts(file, index);
  checkFacts(file, index);
  return index;
}

async function readAll(zip: OpenedZip, member: string): Promise<Buffer> {
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of (await zip.read(member)) as AsyncIterable<Buffer>) chunks.push(chunk);
  } catch (cause) {
    throw inconsistent(zip.file, `${member} cannot be read`, cause);
  }
  return Buffer.concat(chunks);
}

function parseIndex(file: string, bytes: Buffer): CrateIndex {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    const index = crateIndexSchema.parse(JSON.parse(text));
    // What could not be written into a store must not be found out when half of the crate is in it.
    canonicalJson(index);
    return index;
  } catch (cause) {
    throw inconsistent(file, `of its index, ${faultOf(cause)}`, cause);
  }
}

function faultOf(cause: unknown): string {
  if (cause instanceof z.ZodError) return firstIssue(cause);
  return cause instanceof TypeError ? cause.message : 'it is no JSON';
}

function firstIssue({ issues: [issue] }: z.ZodError): string {
  return issue === undefined ? '' : `${issue.path.map(String).join('.')}: ${issue.message}`;
}

/** The zip has the members of the index, all of them and no other. */
function checkMembers({ file, sizes }: OpenedZip, { members, runs }: CrateIndex): void {
  const folders = new Set(runs.filter((run) => run.has_folder).map((run) => run.run_id));
  for (const { path, sha256, bytes } of members) {
    const place = placeOf(path);
    if (place === null || place.kind === 'index')
      throw inconsistent(file, `the index names ${JSON.stringify(path)}`);
    if (place.kind === 'content' && place.sha256 !== sha256)
      throw inconsistent(file, `${path} has another hash in the index`);
    if (place.kind === 'run' && !folders.has(place.runId))
      throw inconsistent(file, `${path} is of no run in the index`);
    if (!sizes.has(path)) throw inconsistent(file, `${path} is missing`);
    if (sizes.get(path) !== bytes)
      throw inconsistent(file, `${path} has ${sizes.get(path) ?? 0} bytes, not ${bytes}`);
  }
  const named = new Set([INDEX_FILE, ...members.map(({ path }) => path)]);
  const [extra] = [...sizes.keys()].filter((path) => !named.has(path));
  if (extra !== undefined) throw inconsistent(file, `${extra} is not in the index`);
  if (named.size !== members.length + 1) throw inconsistent(file, 'the index names a member twice');
  if (!named.has(METADATA_FILE)) throw inconsistent(file, `it has no ${METADATA_FILE}`);
}

function checkRuns(file: string, { runs }: CrateIndex): void {
  for (const key of ['run_id', 'run_uuid'] as const) {
    const keys = runs.filter((run) => key === 'run_uuid' || run.has_folder).map((run) => run[key]);
    if (new Set(keys.map((one) => one.toLowerCase())).size !== keys.length)
      throw inconsistent(file, `two runs have one ${key}`);
  }
}

/** What a run used or produced is in the crate. */
function checkFacts(file: string, { runs, artifacts }: CrateIndex): void {
  const digests = new Map(artifacts.map((artifact) => [artifactId(artifact), artifact.digest]));
  for (const { artifact } of runs.flatMap(({ used, produced }) => [...used, ...produced])) {
    if (digests.get(artifactId(artifact)) !== artifact.digest)
      throw inconsistent(file, `it has no ${artifactId(artifact)} as a run knew it`);
  }
}

function checkArtifacts(file: string, { artifacts, members }: CrateIndex): void {
  const bySha256 = new Map(members.map((member) => [member.sha256, member]));
  const seen = new Set<string>();
  const firsts = new Map<string, CrateArtifact>();
  for (const artifact of artifacts) {
    const id = artifactId(artifact);
    const { name, type } = artifact;
    checkName(file, artifact);
    checkFiles(file, artifact, bySha256);
    for (const key of [
      id,
      ...artifact.aliases.map((alias) => `${name}:${alias}`),
      `${name} ${artifact.digest}`,
    ]) {
      // prettier-ignore
      if (seen.has(key)) throw inconsistent(file, `two artifacts are ${key}`);
      seen.add(key);
    }
    const first = firsts.get(name.toLowerCase()) ?? artifact;
    firsts.set(name.toLowerCase(), first);
    if (first.name !== name)
      throw inconsistent(file, `${first.name} and ${name} differ only in case`);
    if (first.type !== type) throw inconsistent(file, `${name} has two types`);
  }
}

function checkName(file: string, { name, type }: CrateArtifact): void {
  try {
    checkArtifactName(name, type);
  } catch (error) {
    if (!(error instanceof PixelisError)) throw error;
    throw inconsistent(file, error.message, error);
  }
}

function checkFiles(
  file: string,
  artifact: CrateArtifact,
  members: ReadonlyMap<string, CrateMember>,
): void {
  const paths = new Set<string>();
  for (const { path, sha256, bytes } of artifact.files) {
    if (paths.has(path)) throw inconsistent(file, `${artifactId(artifact)} has ${path} twice`);
    paths.add(path);
    if (members.get(sha256)?.bytes !== bytes)
      throw inconsistent(file, `${path} of ${artifactId(artifact)} is not in it`);
  }
  for (const path of paths) {
    const folder = foldersAbove(path).find((above) => paths.has(above));
    if (folder !== undefined)
      throw inconsistent(file, `${folder} of ${artifactId(artifact)} is both a file and a folder`);
  }
}
