import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { canonicalJson, type FilePosition, IntegrityError } from '@pixelis/core';
import { CHAIN_FILE } from '../chain/chain-line';
import { scanChain } from '../chain/read-chain';
import { isJsonObject, isJsonValue } from './json-object';

/** The error of a step file that does not begin with what a checkpoint says, with the line that is wrong if it shows. */
export function stepFileDamage(path: string, { bytes }: FilePosition): IntegrityError {
  const found = readFileSync(path);
  return new IntegrityError(
    found.length < bytes
      ? `${path} has ${found.length} bytes, of the ${bytes} that it had at the checkpoint`
      : `${path} was changed after the checkpoint: ${placeOf(path, found.toString('utf8', 0, bytes))}`,
    {
      code: 'STEP_FILE_DAMAGED',
      remedy:
        'Restore the file from a copy, delete the newest checkpoint to resume from the one before it, or start afresh with --new.',
    },
  );
}

function placeOf(path: string, text: string): string {
  const lines = text.split('\n').slice(0, -1);
  const wrong = basename(path) === CHAIN_FILE ? wrongLink(text) : wrongStep(path, lines);
  if (wrong !== null) return `line ${wrong}`;
  const step = stepOf(lines.at(-1) ?? '');
  return `one of the lines 1 to ${lines.length}${step === null ? '' : ` (step ${step})`}`;
}

function wrongLink(text: string): number | null {
  return scanChain(text).problem?.line ?? null;
}

/** The number of the first line that no run writes, or that does not come after the one before it. */
function wrongStep(path: string, lines: readonly string[]): number | null {
  if (!path.endsWith('.jsonl')) return null;
  let previous = 0;
  for (const [index, line] of lines.entries()) {
    const step = stepOf(line);
    if (step === null || step <= previous) return index + 1;
    previous = step;
  }
  return null;
}

/** The step of a line of canonical JSON; null for any other text. */
function stepOf(line: string): number | null {
  try {
    const value: unknown = JSON.parse(line);
    if (!isJsonValue(value) || !isJsonObject(value) || canonicalJson(value) !== line) return null;
    return typeof value['step'] === 'number' ? value['step'] : null;
  } catch {
    return null;
  }
}
