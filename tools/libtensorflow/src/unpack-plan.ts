import { readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { canonicalJson, writeFileAtomic } from '@pixelis/core';
import * as z from 'zod';
import { formatBytes, requireDiskSpace } from './disk-space';
import type { InstallationPlan, PlannedWheel } from './installation-plan';
import { obtainWheel } from './obtain-wheel';
import type { Progress } from './progress';
import { type UnpackedFile, unpackWheel } from './unpack-wheel';
import { isWanted } from './wanted-files';

/** Where {@link unpackPlan} works. */
export interface UnpackPlanOptions {
  /** Comes to hold the files; it exists. */
  readonly folder: string;
  /** Holds the wheels meanwhile; it exists. */
  readonly downloads: string;
  readonly progress: Progress;
}

const unpackedSchema = z.array(
  z.strictObject({ path: z.string(), bytes: z.int().min(0), sha256: z.string() }),
);

/**
 * Fetches, checks and unpacks the wheels of a plan, one by one. What a run that was killed has done is not done again: a list is written
 * once a wheel is unpacked, and only then is the wheel removed.
 *
 * @returns All files that were unpacked.
 * @throws What {@link obtainWheel} and {@link unpackWheel} throw.
 * @throws {DataError} `DISK_SPACE` if there is not enough room.
 */
export async function unpackPlan(
  plan: InstallationPlan,
  options: UnpackPlanOptions,
): Promise<UnpackedFile[]> {
  const { folder } = options;
  const left = plan.wheels.filter((wheel) => readList(folder, wheel) === undefined);
  if (left.length > 0) {
    const largest = Math.max(...left.map(({ bytes }) => bytes));
    const part = left.length / plan.wheels.length;
    requireDiskSpace({ folder, neededBytes: largest + part * plan.unpackedBytes });
  }
  const files: UnpackedFile[] = [];
  for (const wheel of plan.wheels) {
    files.push(...(readList(folder, wheel) ?? (await unpackOne(wheel, options))));
  }
  return files;
}

async function unpackOne(
  wheel: PlannedWheel,
  { folder, downloads, progress }: UnpackPlanOptions,
): Promise<UnpackedFile[]> {
  const { path, isDownload } = await obtainWheel(wheel, { downloads, progress });
  progress.say(`the SHA-256 of ${wheel.file} is right`);
  const files = await unpackWheel(path, { folder, isWanted, progress });
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
  progress.say(`unpacked ${files.length} files, ${formatBytes(bytes)}`);
  await writeFileAtomic(listPath(folder, wheel), canonicalJson(files.map((file) => ({ ...file }))));
  if (isDownload) rmSync(path);
  return files;
}

function listPath(folder: string, wheel: PlannedWheel): string {
  return join(folder, `${wheel.file}.json`);
}

/** What was unpacked of a wheel before; undefined unless all of it is there. */
function readList(folder: string, wheel: PlannedWheel): UnpackedFile[] | undefined {
  try {
    const list: unknown = JSON.parse(readFileSync(listPath(folder, wheel), 'utf8'));
    const files = unpackedSchema.parse(list);
    const isWhole = files.every(({ path, bytes }) => statSync(join(folder, path)).size === bytes);
    return isWhole ? files : undefined;
  } catch {
    // Not unpacked, or not to its end.
    return undefined;
  }
}
