import { lstatSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { IntegrityError, sha256File } from '@pixelis/core';
import { CHAIN_FILE } from '../chain/chain-line';
import { digestWeights } from '../chain/digest-weights';
import { scanChain } from '../chain/read-chain';
import { requireText } from './check-argument';
import { ifPresent, listBelow, onDisk } from './disk';
import { scanEvents } from './event-chain';
import { digestFiles, digestHeadline, EVENTS_FILE } from './make-manifest';
import {
  DIFF_FILE,
  FINAL_WEIGHTS_FILE,
  MANIFEST_FILE,
  type RunManifest,
  SIGNATURE_FILE,
} from './manifest';
import {
  manifestPath,
  type ManifestProblem,
  scanManifest,
  type ScannedManifest,
} from './read-manifest';
import { readRunState, STATE_FILE } from './run-state';

/**
 * Checks a manifest and all that it says of its run: the fields, each file's presence, size and hash, that there are no
 * other files, the audit trail and what it seals of the fields and files, the hash of the final weights and the chain of
 * training that led to them. `environment.diff`, which an export may leave out, need not be there. Changes nothing.
 *
 * @param path A `manifest.json`, or the folder that holds it.
 * @returns All problems at once; none for a run that is as it was when it completed.
 * @throws {DataError} If the manifest itself is missing or cannot be read.
 * @throws {EnvironmentError} `MANIFEST_VERSION_LATER` if a later Pixelis wrote it.
 */
export async function validateManifest(path: string): Promise<ManifestProblem[]> {
  requireText(path, { action: 'validate a manifest', name: 'path' });
  const file = manifestPath(path);
  const text = onDisk(file, () => readFileSync(file, 'utf8'));
  const scanned = scanManifest(text, file);
  if (Array.isArray(scanned)) return scanned;
  const { manifest } = scanned;
  const directory = dirname(file);
  return [
    ...(await validateFiles(directory, manifest.files)),
    ...unlistedProblems(manifest),
    ...addedProblems(directory, manifest),
    ...eventProblems(directory, scanned),
    ...weightsProblems(manifest),
    ...chainProblems(directory, manifest),
  ];
}

/**
 * Checks that files are there and as they were hashed.
 *
 * @param files By their paths below the folder.
 * @throws {DataError} If one cannot be read.
 */
export async function validateFiles(
  directory: string,
  files: RunManifest['files'],
): Promise<ManifestProblem[]> {
  const problems: ManifestProblem[] = [];
  for (const [path, { sha256, bytes }] of Object.entries(files)) {
    const target = join(directory, path);
    const found = onDisk(target, () => ifPresent(() => lstatSync(target)));
    if (found === null && path === DIFF_FILE) continue;
    if (found === null) problems.push({ path, message: 'is missing' });
    else if (!found.isFile()) problems.push({ path, message: 'is not a file' });
    else if (found.size !== bytes)
      problems.push({ path, message: `has ${found.size} bytes, not ${bytes}` });
    else if ((await sha256File(target)) !== sha256)
      problems.push({ path, message: 'was changed: its SHA-256 differs' });
  }
  return problems;
}

/** Every path of a manifest is one of its files. */
function unlistedProblems(manifest: RunManifest): ManifestProblem[] {
  const { artifacts, checkpoints, config_path, config_resolved_path, files } = manifest;
  const named: [string, readonly string[]][] = [
    ['checkpoints', checkpoints],
    ['config_path', [config_path]],
    ['config_resolved_path', [config_resolved_path]],
    ['artifacts.metrics', artifacts.metrics],
    ['artifacts.figures', artifacts.figures],
    ['artifacts.plots', artifacts.plots],
  ];
  return named.flatMap(([path, paths]) =>
    paths
      .filter((file) => !Object.hasOwn(files, file))
      .map((file) => ({ path, message: `${file} is not among the files` })),
  );
}

const UNLISTED_FILES = new Set([MANIFEST_FILE, SIGNATURE_FILE]);

function addedProblems(directory: string, manifest: RunManifest): ManifestProblem[] {
  return listBelow(directory)
    .filter(({ path, kind }) => kind !== 'folder' && !Object.hasOwn(manifest.files, path))
    .filter(({ path }) => !UNLISTED_FILES.has(path))
    .filter(({ path }) => path !== STATE_FILE || !isStateOf(directory, manifest))
    .map(({ path }) => ({ path, message: 'is there but not among the files' }));
}

/** A state may be left behind by a process that was killed as it completed the run; `openRun` removes it. */
function isStateOf(directory: string, manifest: RunManifest): boolean {
  try {
    return readRunState(directory)?.run_uuid === manifest.run_uuid;
  } catch (error) {
    if (error instanceof IntegrityError) return false;
    throw error;
  }
}

function eventProblems(
  directory: string,
  { document, manifest: { events, files } }: ScannedManifest,
): ManifestProblem[] {
  const path = EVENTS_FILE;
  if (!Object.hasOwn(files, path)) return [{ path, message: 'is not among the files' }];
  const target = join(directory, path);
  if (ifPresent(() => lstatSync(target))?.isFile() !== true) return [];
  const { problem, events: trail } = scanEvents(readFileSync(target), events);
  if (problem !== null) return [{ path, message: `line ${problem.line}: ${problem.reason}` }];
  const last = trail.at(-1);
  const sealed = last?.type === 'completed' ? last.data : {};
  const problems: ManifestProblem[] = [];
  if (sealed['files_sha256'] !== digestFiles(files))
    problems.push({ path, message: 'does not end with the digest of the files in the manifest' });
  // The first runs were recorded without this digest.
  if (
    Object.hasOwn(sealed, 'manifest_sha256') &&
    sealed['manifest_sha256'] !== digestHeadline(document)
  )
    problems.push({
      path: MANIFEST_FILE,
      message: 'was changed: its fields are not those that the audit trail sealed',
    });
  return problems;
}

function weightsProblems({ files, results }: RunManifest): ManifestProblem[] {
  const listed = files[FINAL_WEIGHTS_FILE]?.sha256 ?? null;
  if (results.weights_sha256 === listed) return [];
  return [
    { path: 'results.weights_sha256', message: `is not the SHA-256 of ${FINAL_WEIGHTS_FILE}` },
  ];
}

/** The chain must hold together and end in the final weights; a run that kept none has an empty one. */
function chainProblems(directory: string, { files }: RunManifest): ManifestProblem[] {
  const target = join(directory, CHAIN_FILE);
  if (ifPresent(() => lstatSync(target))?.isFile() !== true) return [];
  const { problem, lines } = scanChain(readFileSync(target, 'utf8'));
  if (problem !== null)
    return [{ path: CHAIN_FILE, message: `line ${problem.line}: ${problem.reason}` }];
  const last = lines.at(-1);
  const weights = join(directory, FINAL_WEIGHTS_FILE);
  if (last === undefined || !Object.hasOwn(files, FINAL_WEIGHTS_FILE)) return [];
  if (ifPresent(() => lstatSync(weights))?.isFile() !== true) return [];
  if (digestWeights(weights)?.digest === last.weights) return [];
  return [{ path: CHAIN_FILE, message: `does not end in the weights of ${FINAL_WEIGHTS_FILE}` }];
}
