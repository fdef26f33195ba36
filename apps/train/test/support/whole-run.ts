import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { validateManifest } from '@pixelis/artifacts';
import { runFile } from './train-program';

/** Files of two equal runs that are equal, to the byte. */
export const EQUAL_FILES = [
  'metrics.jsonl',
  'chain.jsonl',
  'epochs.csv',
  'checkpoints/final.safetensors',
];

/** The path of a checkpoint in its run. */
export function checkpoint(step: number): string {
  return join('checkpoints', `step-${String(step).padStart(8, '0')}.safetensors`);
}

/** The checkpoints of a run, oldest first. */
export function checkpointsOf(run: string): string[] {
  return readdirSync(join(run, 'checkpoints'))
    .filter((name) => /^step-\d+\.safetensors$/.test(name))
    .sort();
}

/** What two equal runs have in common, by path. */
export function filesOf(out: string, runId: string): Record<string, Buffer> {
  return Object.fromEntries(EQUAL_FILES.map((path) => [path, runFile(out, runId, path)]));
}

/** Expects a complete run with the same files as another, and nothing wrong with it. */
export async function expectWhole(
  out: string,
  { runId, reference }: { runId: string; reference: Readonly<Record<string, Buffer>> },
): Promise<void> {
  for (const [path, content] of Object.entries(filesOf(out, runId)))
    expect({ path, isEqual: content.equals(reference[path]!) }).toEqual({ path, isEqual: true });
  expect(await validateManifest(join(out, 'runs', runId))).toEqual([]);
}
