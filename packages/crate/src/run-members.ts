import { createReadStream, lstatSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { MANIFEST_FILE, readManifest, type RunSummary, validateManifest } from '@pixelis/artifacts';
import { DataError, IntegrityError, sha256File } from '@pixelis/core';
import { z } from 'zod';
import type { CrateMember, CrateRun } from './crate-index';
import { DIFF_FILE, placeOf, runMember } from './member-path';
import { entriesBelow, ifPresent, onDisk } from './on-disk';
import type { MemberSource } from './write-zip';

/** The state of a run that is not complete. */
export const STATE_FILE = 'run.json';

const TEMPORARY_NAME = /(?:^|\/)\.pixelis-\d+-[0-9a-f]{12}\.tmp$/;
const identity = z.object({ run_id: z.string(), run_uuid: z.string() });

/** The files of a run that go into a crate. */
export interface RunMembers {
  readonly members: readonly MemberSource[];
  readonly leftOut: CrateRun['left_out'];
}

/** Which run a folder says that it holds; null if it says nothing. */
export function identityOf(folder: string): z.infer<typeof identity> | null {
  for (const file of [MANIFEST_FILE, STATE_FILE]) {
    const text = ifPresent(() => readFileSync(join(folder, file), 'utf8'));
    if (text !== null) return identity.safeParse(parseJson(text)).data ?? null;
  }
  return null;
}

/**
 * What a crate holds of a run: a complete one as it was completed, any other as it stands.
 *
 * @throws {IntegrityError} `RUN_DAMAGED` if a complete run is not as it was completed.
 * @throws {EnvironmentError} `MANIFEST_VERSION_LATER` if a later Pixelis completed it.
 * @throws {DataError} `RUN_UNPORTABLE` if a file of it is a link, or has a name that not every system can hold.
 */
export async function membersOfRun(
  { runId, directory, status }: RunSummary,
  { withDiff }: { withDiff: boolean },
): Promise<RunMembers> {
  const isComplete = status === 'COMPLETED';
  if (isComplete) await checkComplete(runId, directory);
  const known: KnownFiles = isComplete ? readManifest(directory).files : {};
  const leftOut: CrateRun['left_out'] = isDiffMissing(directory, known) ? [DIFF_FILE] : [];
  const members: MemberSource[] = [];
  const found = await onDisk(directory, () => entriesBelow(directory));
  for (const { path, entry } of found.sort((a, b) => (a.path < b.path ? -1 : 1))) {
    if (TEMPORARY_NAME.test(path) || (isComplete && path === STATE_FILE)) continue;
    if (path === DIFF_FILE && !withDiff) {
      leftOut.push(DIFF_FILE);
      continue;
    }
    if (!entry.isFile() || placeOf(runMember(runId, path)) === null)
      throw unportableError(join(directory, path));
    members.push(await memberOf(join(directory, path), runMember(runId, path), known[path]));
  }
  return { members, leftOut };
}

async function memberOf(
  file: string,
  path: string,
  known: Omit<CrateMember, 'path'> | undefined,
): Promise<MemberSource> {
  const { sha256, bytes } =
    known ??
    (await onDisk(file, async () => ({
      sha256: await sha256File(file),
      bytes: lstatSync(file).size,
    })));
  return { path, sha256, bytes, open: (): AsyncIterable<Buffer> => createReadStream(file) };
}

async function checkComplete(runId: string, directory: string): Promise<void> {
  const [problem] = await validateManifest(directory);
  if (problem === undefined) return;
  throw new IntegrityError(
    `run ${runId} is not as it was completed: ${problem.path} ${problem.message}`,
    {
      code: 'RUN_DAMAGED',
      remedy: 'Audit the run to see all that differs, and restore it before it is exported.',
    },
  );
}

type KnownFiles = Readonly<Record<string, { sha256: string; bytes: number }>>;

/** Whether the diff is missing, as in a run that came by a crate without it. */
function isDiffMissing(directory: string, known: KnownFiles): boolean {
  const isKnown = Object.hasOwn(known, DIFF_FILE);
  return isKnown && ifPresent(() => lstatSync(join(directory, DIFF_FILE))) === null;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function unportableError(path: string): DataError {
  return new DataError(`${path} cannot be put into a crate`, {
    code: 'RUN_UNPORTABLE',
    remedy: 'Put a real file in its place, under a name that every system can hold.',
  });
}
