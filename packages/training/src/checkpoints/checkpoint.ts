import { type Dirent, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  canonicalJson,
  DataError,
  explainSystemError,
  IntegrityError,
  type JsonValue,
  sha256,
} from '@pixelis/core';
import {
  decodeSafetensors,
  encodeSafetensors,
  type NamedTensor,
  type TensorTree,
} from './safetensors';

/**
 * Everything that an exact resume needs, in one file: weights, moments and the rest as JSON. No generator is among it:
 * whatever is drawn follows from the seed, a name and a counter, and the counters are `step` and the loader's cursor.
 */
export interface Checkpoint {
  /** Optimizer steps done. */
  readonly step: number;
  readonly parameters: TensorTree;
  /** First and second moments of the optimizer, by the name of their parameter. */
  readonly firstMoments: TensorTree;
  readonly secondMoments: TensorTree;
  /** Loader cursor, curriculum, epoch, digest of the batches since the last line of the chain; length and hash of the step-wise files. */
  readonly state: Readonly<Record<string, JsonValue>>;
}

const FOLDER = 'checkpoints';
const FILE = /^step-(\d{8,})\.safetensors$/;
const PARTS = {
  parameters: 'model.',
  firstMoments: 'optimizer.m.',
  secondMoments: 'optimizer.v.',
} as const;
const STATE = 'pixelis.state';
const DIGEST = 'pixelis.sha256';

/** The path of a checkpoint within its run. */
export function checkpointPath(step: number): string {
  return `${FOLDER}/step-${String(step).padStart(8, '0')}.safetensors`;
}

/** The path of the final weights within their run. */
export const FINAL_WEIGHTS_PATH = `${FOLDER}/final.safetensors`;

/**
 * The bytes of a checkpoint file: a safetensors file whose metadata holds the state as canonical JSON, and the SHA-256
 * of the same file without that entry.
 */
export function encodeCheckpoint(checkpoint: Checkpoint): Uint8Array {
  const tensors: Record<string, NamedTensor> = {};
  for (const part of ['parameters', 'firstMoments', 'secondMoments'] as const) {
    for (const [name, tensor] of Object.entries(checkpoint[part]))
      tensors[PARTS[part] + name] = tensor;
  }
  const state = canonicalJson({ ...checkpoint.state, step: checkpoint.step });
  const digest = sha256(encodeSafetensors(tensors, { [STATE]: state }));
  return encodeSafetensors(tensors, { [STATE]: state, [DIGEST]: digest });
}

/**
 * Reads the newest checkpoint of a run, or undefined if it has none yet.
 *
 * @throws {IntegrityError} `CHECKPOINT_BROKEN` if the file is damaged, be it in a single bit.
 * @throws {DataError} If it cannot be read.
 */
export function readNewestCheckpoint(runDirectory: string): Checkpoint | undefined {
  const newest = listCheckpoints(runDirectory).at(-1);
  if (newest === undefined) return undefined;
  const path = join(runDirectory, newest);
  const bytes = onDisk(() => readFileSync(path));
  try {
    return decodeCheckpoint(bytes);
  } catch (cause) {
    throw new IntegrityError(
      `Checkpoint "${path}" is damaged: ${cause instanceof Error ? cause.message : String(cause)}`,
      {
        code: 'CHECKPOINT_BROKEN',
        remedy:
          'delete this file to resume from the checkpoint before it, or start afresh with --new',
        cause,
      },
    );
  }
}

/** The checkpoints of a run as paths within it, oldest first; the final weights are not among them. */
export function listCheckpoints(runDirectory: string): string[] {
  return entriesOf(join(runDirectory, FOLDER))
    .filter((entry) => entry.isFile() && FILE.test(entry.name))
    .map((entry) => `${FOLDER}/${entry.name}`)
    .sort((a, b) => a.length - b.length || (a < b ? -1 : 1));
}

/** What a folder holds; one that is not there, since a run killed early has saved nothing, holds nothing. */
function entriesOf(folder: string): Dirent[] {
  try {
    return onDisk(() => readdirSync(folder, { withFileTypes: true }));
  } catch (error) {
    if (error instanceof DataError && error.code === 'PATH_MISSING') return [];
    throw error;
  }
}

function onDisk<T>(operation: () => T): T {
  try {
    return operation();
  } catch (error) {
    throw explainSystemError(error) ?? error;
  }
}

function decodeCheckpoint(bytes: Uint8Array): Checkpoint {
  const { tensors, metadata } = decodeSafetensors(bytes);
  const { [DIGEST]: digest, ...signed } = metadata;
  // The format has one form for equal content, so what was read can be written again to compare.
  if (sha256(encodeSafetensors(tensors, signed)) !== digest)
    throw new TypeError('its SHA-256 is not the one that it was written with');
  const state: unknown = JSON.parse(metadata[STATE] ?? 'null');
  if (!isState(state)) throw new TypeError('its state is missing');
  const { step, ...rest } = state;
  return {
    step,
    parameters: part(tensors, PARTS.parameters),
    firstMoments: part(tensors, PARTS.firstMoments),
    secondMoments: part(tensors, PARTS.secondMoments),
    state: rest,
  };
}

function isState(value: unknown): value is { step: number } & Record<string, JsonValue> {
  return (
    typeof value === 'object' &&
    value !== null &&
    'step' in value &&
    Number.isSafeInteger(value.step)
  );
}

function part(tensors: TensorTree, prefix: string): TensorTree {
  return Object.fromEntries(
    Object.entries(tensors)
      .filter(([name]) => name.startsWith(prefix))
      .map(([name, tensor]) => [name.slice(prefix.length), tensor]),
  );
}
