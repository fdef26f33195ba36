import { lstatSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { IntegrityError, sha256File } from '@pixelis/core';
import { CHAIN_FILE } from '../chain/chain-line';
import { digestWeights } from '../chain/digest-weights';
import { scanChain } from '../chain/read-chain';
import { requireText } from './check-argument';
import { ifPresent, listBelow, onDisk } from './disk';
import { scanEvents } from './event-chain';
import { digestFiles, EVENTS_FILE } from './make-manifest';
import {
  DIFF_FILE,
  FINAL_WEIGHTS_FILE,
  MANIFEST_FILE,
  manifestSchema,
  type RunManifest,
  SIGNATURE_FILE,
} from './manifest';
import { readRunState, STATE_FILE } from './run-state';

/** A fault of a manifest or of a file that it names. */
export interface ManifestProblem {
  /** The file, or the manifest's field by its dotted path. */
  path: string;
  message: string;
}

/**
 * Checks a manifest and all that it says of its run: the fields, each file's presence, size and hash, that there are no
 * other files, the audit trail, the hash of the final weights and the chain of training that led to them. `environment.diff`, which an export may leave out, need
 * not be there. Changes nothing.
 *
 * @param path A `manifest.json`, or the folder that holds it.
 * @returns All problems at once; none for a run that is as it was when it completed.
 * @throws {DataError} If the manifest itself is missing or cannot be read.
 */
export async function validateManifest(path: string): Promise<ManifestProblem[]> {
  requireText(path, { action: 'validate a manifest', name: 'path' });
  const manifestPath = onDisk(path, () => statSync(path)).isDirectory()
    ? join(path, MANIFEST_FILE)
    : path;
  const text = onDisk(manifestPath, () => readFileSync(manifestPath, 'utf8'));
  const parsed = parseManifest(text);
  if (Array.isArray(parsed)) return parsed;
  const directory = dirname(manifestPath);
  return [
    ...(await fileProblems(directory, parsed)),
    ...unlistedProblems(parsed),
    ...addedProblems(directory, parsed),
    ...eventProblems(directory, parsed),
    ...weightsProblems(parsed),
    ...chainProblems(directory, parsed),
  ];
}

function parseManifest(text: string): RunManifest | ManifestProblem[] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return [{ path: MANIFEST_FILE, message: 'is not JSON' }];
  }
  const result = manifestSchema.safeParse(value);
  if (result.success) return result.data;
  return result.error.issues.map((issue) => ({
    path: issue.path.map(String).join('.') || MANIFEST_FILE,
    message: issue.message,
  }));
}

async function fileProblems(directory: string, { files }: RunManifest): Promise<ManifestProblem[]> {
  const problems: ManifestProblem[] = [];
  for (const [path, { sha256, bytes }] of Object.entries(files)) {
    const target = join(directory, path);
    const found = ifPresent(() => lstatSync(target));
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

function eventProblems(directory: string, { events, files }: RunManifest): ManifestProblem[] {
  const path = EVENTS_FILE;
  if (!Object.hasOwn(files, path)) return [{ path, message: 'is not among the files' }];
  const target = join(directory, path);
  if (ifPresent(() => lstatSync(target))?.isFile() !== true) return [];
  const { problem, events: trail } = scanEvents(readFileSync(target), events);
  if (problem !== null) return [{ path, message: `line ${problem.line}: ${problem.reason}` }];
  const last = trail.at(-1);
  if (last?.type === 'completed' && last.data['files_sha256'] === digestFiles(files)) return [];
  return [{ path, message: 'does not end with the digest of the files in the manifest' }];
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
