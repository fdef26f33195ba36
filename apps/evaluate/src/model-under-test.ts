import { existsSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { type ArtifactManager, type ArtifactVersion, modelName } from '@pixelis/artifacts';
import { DataError, explainSystemError, type JsonValue, sha256, UsageError } from '@pixelis/core';
import type { KnownShape } from './command-line';

/** The model that is evaluated: a version in the store. */
export interface ModelUnderTest {
  readonly version: ArtifactVersion;
  /** The file of the artifact that holds the weights. */
  readonly path: string;
  /** As its artifact says it; undefined for weights from elsewhere. */
  readonly shape: KnownShape | undefined;
}

/**
 * Finds the model that is asked for: by name in the store, by the path of a safetensors file, which is then put into the
 * store as external, or, where nothing is asked, that of the run that was completed last.
 *
 * @throws {UsageError} `ARTIFACT_UNKNOWN`, `MODEL_MISSING` if there is no run yet, `ARTIFACT_UNSUITABLE` if it is no model.
 * @throws {DataError} If the file cannot be read.
 */
export async function findModel(
  artifacts: ArtifactManager,
  asked: string | undefined,
): Promise<ModelUnderTest> {
  const version =
    asked !== undefined && isPath(asked)
      ? await importModel(artifacts, asked)
      : artifacts.resolve(asked ?? latestModel(artifacts.root));
  const weights = (await artifacts.files(version)).filter(({ path }) =>
    path.endsWith('.safetensors'),
  );
  const [file, ...others] = weights;
  if (file === undefined || others.length > 0) throw unsuitableError(version, weights.length);
  const model = version.metadata['model'];
  const source = `${version.name}:${version.version}`;
  return {
    version,
    path: file.path,
    shape: isSection(model) ? { source, model } : undefined,
  };
}

function isPath(asked: string): boolean {
  return asked.endsWith('.safetensors') || /[/\\]/.test(asked);
}

async function importModel(artifacts: ArtifactManager, path: string): Promise<ArtifactVersion> {
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch (error) {
    throw explainSystemError(error, { action: 'read', path }) ?? error;
  }
  if (!isSafetensors(bytes)) throw formatError(path);
  return artifacts.put(
    modelName(`external-${sha256(bytes).slice(0, 12)}`),
    { 'model.safetensors': bytes },
    { type: 'model', isExternal: true, metadata: { file_name: basename(path) } },
  );
}

/** A header length that fits the file, and a header that begins as JSON: what is no weights at all is not stored. */
function isSafetensors(bytes: Buffer): boolean {
  if (bytes.length < 10) return false;
  const headerBytes = bytes.readBigUInt64LE(0);
  return headerBytes <= BigInt(bytes.length - 8) && bytes[8] === 0x7b;
}

function latestModel(root: string): string {
  const latest = join(root, 'latest');
  if (existsSync(latest)) return modelName(readFileSync(latest, 'utf8').trim());
  throw new UsageError(`No run has been completed in ${root} yet`, {
    code: 'MODEL_MISSING',
    remedy: 'Train one with train:sft, or name a model with --model.',
  });
}

function unsuitableError({ name, version, type }: ArtifactVersion, count: number): UsageError {
  return new UsageError(
    `${name}:${version}, of type ${type}, holds ${count} safetensors files instead of one`,
    {
      code: 'ARTIFACT_UNSUITABLE',
      remedy: 'Name a model; pixelis artifacts list --type model lists them.',
    },
  );
}

function formatError(path: string): DataError {
  return new DataError(`${path} is no safetensors file`, {
    code: 'SAFETENSORS_INVALID',
    remedy: 'Give the file of final weights or a checkpoint of a run.',
  });
}

function isSection(value: JsonValue | undefined): value is Readonly<Record<string, JsonValue>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
