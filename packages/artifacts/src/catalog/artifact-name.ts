import { UsageError } from '@pixelis/core';

/** The kinds of artifact whose names follow a convention. */
export type ConventionalType =
  'dataset' | 'model' | 'checkpoint' | 'evaluation' | 'metrics' | 'experience_buffer';

interface Convention {
  /** What only names of that type have. */
  readonly mark: RegExp;
  readonly form: string;
  readonly pattern: RegExp;
  readonly example: string;
}

const NAME = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,199}$/;
const TYPE = /^[a-z][a-z0-9_-]{0,49}$/;
/** Windows keeps these for devices, whatever stands after a dot, and drops a last dot. */
const UNPORTABLE = /^(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)|\.$/i;
const WORD = '[A-Za-z0-9][A-Za-z0-9_.-]*';
/** A part that another part follows after `_`. */
const STEM = '[A-Za-z0-9][A-Za-z0-9.-]*(?:_[A-Za-z0-9.-]+)*';

/** How artifacts of a type are named; types of one's own are free in it. */
export const NAME_CONVENTIONS: Readonly<Record<ConventionalType, Convention>> = {
  dataset: {
    mark: /^dataset-/,
    form: 'dataset-<name>-<version>',
    pattern: new RegExp(`^dataset-${WORD}-[A-Za-z0-9][A-Za-z0-9_.]*$`),
    example: 'dataset-digits-1.0',
  },
  model: {
    mark: /^model-/,
    form: 'model-<run_id>',
    pattern: new RegExp(`^model-${WORD}$`),
    example: 'model-20260131T120000-0a1b2c',
  },
  checkpoint: {
    mark: /^checkpoint_/,
    form: 'checkpoint_<type>_<id>',
    pattern: new RegExp(`^checkpoint_${STEM}_${WORD}$`),
    example: 'checkpoint_sft_20260131T120000-0a1b2c',
  },
  evaluation: {
    mark: /^eval-/,
    form: 'eval-<model>-on-<dataset>',
    pattern: new RegExp(`^eval-${WORD}-on-${WORD}$`),
    example: 'eval-model-a-on-dataset-digits-1.0',
  },
  metrics: {
    mark: /_metrics_/,
    form: '<stage>_metrics_<id>',
    pattern: new RegExp(`^${STEM}_metrics_${WORD}$`),
    example: 'sft_metrics_20260131T120000-0a1b2c',
  },
  experience_buffer: {
    mark: /^experience_buffer_/,
    form: 'experience_buffer_<unix seconds>',
    pattern: /^experience_buffer_(?:0|[1-9]\d{0,11})$/,
    example: 'experience_buffer_1769860800',
  },
};

/** The type that a name speaks of, such as `dataset` for one that begins with `dataset-`; null if it speaks of none. */
export function impliedType(name: string): ConventionalType | null {
  for (const type of Object.keys(NAME_CONVENTIONS)) {
    if (isConventional(type) && NAME_CONVENTIONS[type].mark.test(name)) return type;
  }
  return null;
}

/**
 * Returns the name that was given.
 *
 * @throws {UsageError} `ARTIFACT_NAME_INVALID` if nothing can have that name; `ARTIFACT_NAME_UNCONVENTIONAL` if an
 * artifact of that type is named otherwise; `ARTIFACT_TYPE_INVALID` if `type` is no name of a type.
 */
export function checkArtifactName(name: string, type: string): string {
  checkName(name);
  if (!TYPE.test(type)) {
    throw new UsageError(`Artifact type ${JSON.stringify(type)} is not valid`, {
      code: 'ARTIFACT_TYPE_INVALID',
      remedy: 'Use 1 to 50 of the characters a-z 0-9 _ - with a letter first, such as tokenizer.',
    });
  }
  if (!isConventional(type)) return name;
  const { form, pattern, example } = NAME_CONVENTIONS[type];
  if (pattern.test(name)) return name;
  throw new UsageError(`Artifact name ${JSON.stringify(name)} is not one of type ${type}`, {
    code: 'ARTIFACT_NAME_UNCONVENTIONAL',
    remedy: `Name it ${form}, for example ${example}.`,
  });
}

/** The name of a data set: `dataset-<name>-<version>`. @throws {UsageError} if the parts make no such name. */
export function datasetName(name: string, version: string): string {
  return checkArtifactName(`dataset-${name}-${version}`, 'dataset');
}

/** The name of the model that a run makes: `model-<run_id>`. @throws {UsageError} if the part makes no such name. */
export function modelName(runId: string): string {
  return checkArtifactName(`model-${runId}`, 'model');
}

/** The name of checkpoints: `checkpoint_<type>_<id>`. @throws {UsageError} if the parts make no such name. */
export function checkpointName(type: string, id: string): string {
  return checkArtifactName(`checkpoint_${type}_${id}`, 'checkpoint');
}

/** The name of an evaluation: `eval-<model>-on-<dataset>`. @throws {UsageError} if the parts make no such name. */
export function evaluationName(model: string, dataset: string): string {
  return checkArtifactName(`eval-${model}-on-${dataset}`, 'evaluation');
}

/** The name of metrics: `<stage>_metrics_<id>`. @throws {UsageError} if the parts make no such name. */
export function metricsName(stage: string, id: string): string {
  return checkArtifactName(`${stage}_metrics_${id}`, 'metrics');
}

/** The name of an experience buffer: `experience_buffer_<unix seconds>`. @throws {UsageError} if it is no such time. */
export function experienceBufferName(unixSeconds: number): string {
  return checkArtifactName(`experience_buffer_${unixSeconds}`, 'experience_buffer');
}

/** Whether an artifact of some type can have a name. */
export function isArtifactName(name: string): boolean {
  return NAME.test(name) && !UNPORTABLE.test(name);
}

function checkName(name: string): void {
  if (isArtifactName(name)) return;
  throw new UsageError(`Artifact name ${JSON.stringify(name)} is not valid`, {
    code: 'ARTIFACT_NAME_INVALID',
    remedy:
      'Use 1 to 200 of the characters A-Z a-z 0-9 _ . - with a letter or digit first, no dot last, ' +
      'and no device name of Windows such as con, for example tokenizer-a.',
  });
}

function isConventional(type: string): type is ConventionalType {
  return Object.hasOwn(NAME_CONVENTIONS, type);
}
