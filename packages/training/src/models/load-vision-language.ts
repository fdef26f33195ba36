import { UsageError } from '@pixelis/core';
import * as tf from '@tensorflow/tfjs';
import { decodeSafetensors, type NamedTensor, type TensorTree } from '../checkpoints/safetensors';
import { type VisionLanguageConfig, visionLanguageSpecs } from './vision-language';

/** What the names of a model's tensors begin with in a checkpoint, which holds the optimizer's too. */
const CHECKPOINT_PREFIX = 'model.';

/**
 * Reads the weights of a vision-language model from a safetensors file: final weights, or a checkpoint of a run.
 *
 * @returns New tensors, owned by the caller.
 * @throws {DataError} `SAFETENSORS_INVALID` if the file is no safetensors file or holds other than float32 tensors.
 * @throws {UsageError} `MODEL_SHAPE_DIFFERS` if its tensors are not those of a model of this shape.
 */
export function loadVisionLanguage(
  file: Uint8Array,
  config: VisionLanguageConfig,
): Record<string, tf.Tensor> {
  const { tensors } = decodeSafetensors(file);
  const specs = visionLanguageSpecs(config);
  const names = Object.keys(specs);
  const isCheckpoint = names.every((name) => Object.hasOwn(tensors, CHECKPOINT_PREFIX + name));
  const prefix = isCheckpoint ? CHECKPOINT_PREFIX : '';
  const missing = names.filter((name) => !Object.hasOwn(tensors, prefix + name));
  const extra = isCheckpoint ? [] : Object.keys(tensors).filter((name) => !(name in specs));
  const found = names.map((name) => tensorNamed(tensors, prefix + name));
  const differing = names.filter((name, index) => {
    const shape = found[index]?.shape;
    return shape !== undefined && shape.join() !== specs[name]?.shape.join();
  });
  if (missing.length + extra.length + differing.length > 0)
    throw shapeError({ missing, extra, differing });
  return Object.fromEntries(
    found.flatMap((tensor, index) =>
      tensor === undefined
        ? []
        : [[names[index] ?? '', tf.tensor(tensor.data, [...tensor.shape], 'float32')]],
    ),
  );
}

function tensorNamed(tensors: TensorTree, name: string): NamedTensor | undefined {
  return Object.hasOwn(tensors, name) ? tensors[name] : undefined;
}

function shapeError(problems: Readonly<Record<string, readonly string[]>>): UsageError {
  const words = { missing: 'lack', extra: 'are too many', differing: 'have another shape' };
  const parts = Object.entries(words).flatMap(([kind, verb]) => {
    const [first, ...rest] = problems[kind] ?? [];
    if (first === undefined) return [];
    return [`"${first}"${rest.length === 0 ? '' : ` and ${rest.length} more`} ${verb}`];
  });
  return new UsageError(`These weights are of another model: ${parts.join('; ')}`, {
    code: 'MODEL_SHAPE_DIFFERS',
    remedy:
      'Give the model.* values that it was trained with, such as model.dim=64; its run has them in config_resolved.json.',
  });
}
