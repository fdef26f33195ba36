import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { canonicalJson, IntegrityError, type JsonValue } from '@pixelis/core';
import {
  decodeSafetensors,
  encodeSafetensors,
  type NamedTensor,
  type TensorTree,
} from './safetensors';

/** Everything that an exact resume needs, in one file: weights, moments and the rest as JSON. */
export interface Checkpoint {
  /** Optimizer steps done. */
  readonly step: number;
  readonly parameters: TensorTree;
  /** First and second moments of the optimizer, by the name of their parameter. */
  readonly firstMoments: TensorTree;
  readonly secondMoments: TensorTree;
  /** Loader cursor, curriculum state and offsets of the step-wise files. */
  readonly state: Readonly<Record<string, JsonValue>>;
}

const FOLDER = 'checkpoints';
const FILE = /^step-(\d{8})\.safetensors$/;
const PARTS = {
  parameters: 'model.',
  firstMoments: 'optimizer.m.',
  secondMoments: 'optimizer.v.',
} as const;
const STATE = 'pixelis.state';

/** The path of a checkpoint within its run. */
export function checkpointPath(step: number): string {
  return `${FOLDER}/step-${String(step).padStart(8, '0')}.safetensors`;
}

/** The path of the final weights within their run. */
export const FINAL_WEIGHTS_PATH = `${FOLDER}/final.safetensors`;

/** The bytes of a checkpoint file: a safetensors file whose metadata holds the state as canonical JSON. */
export function encodeCheckpoint(checkpoint: Checkpoint): Uint8Array {
  const tensors: Record<string, NamedTensor> = {};
  for (const part of ['parameters', 'firstMoments', 'secondMoments'] as const) {
    for (const [name, tensor] of Object.entries(checkpoint[part]))
      tensors[PARTS[part] + name] = tensor;
  }
  const state = canonicalJson({ step: checkpoint.step, ...checkpoint.state });
  return encodeSafetensors(tensors, { [STATE]: state });
}

/**
 * Reads the newest checkpoint of a run, or undefined if it has none yet.
 *
 * @throws {IntegrityError} `CHECKPOINT_BROKEN` if the file is damaged.
 */
export function readNewestCheckpoint(runDirectory: string): Checkpoint | undefined {
  const newest = listCheckpoints(runDirectory).at(-1);
  if (newest === undefined) return undefined;
  const path = join(runDirectory, newest);
  try {
    return decodeCheckpoint(readFileSync(path));
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
  return readdirSync(join(runDirectory, FOLDER), { withFileTypes: true })
    .filter((entry) => entry.isFile() && FILE.test(entry.name))
    .map((entry) => `${FOLDER}/${entry.name}`)
    .sort();
}

function decodeCheckpoint(bytes: Uint8Array): Checkpoint {
  const { tensors, metadata } = decodeSafetensors(bytes);
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
