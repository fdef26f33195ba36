import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { type ArtifactManager, type ArtifactVersion, modelName } from '@pixelis/artifacts';
import { DataError, explainSystemError, type JsonValue, sha256, UsageError } from '@pixelis/core';
import { decodeSafetensors } from '@pixelis/training';
import type { KnownShape } from './command-line';

/** The model that is evaluated. */
export interface ModelUnderTest {
  /** The name of its artifact. */
  readonly name: string;
  /** A safetensors file. */
  readonly weights: Uint8Array;
  /** As its artifact says it; undefined for weights from elsewhere. */
  readonly shape: KnownShape | undefined;
  /** `NAME:VERSION`, if it is in the store. */
  readonly version: string | undefined;
  /** The run that made it, if it is known. */
  readonly runId: string | undefined;
  /** Its version in the store; weights from elsewhere are put there only by this call. */
  readonly store: () => Promise<ArtifactVersion>;
}

/**
 * Finds the model that is asked for: by name in the store, by the path of a safetensors file, or, where nothing is asked,
 * the newest that a completed run has made. Writes nothing to the store.
 *
 * @throws {UsageError} `ARTIFACT_UNKNOWN`, `MODEL_MISSING` if no run has made one yet, `ARTIFACT_UNSUITABLE` if it is no model.
 * @throws {DataError} If the file cannot be read; `SAFETENSORS_INVALID` if it holds no weights.
 */
export async function findModel(
  artifacts: ArtifactManager,
  asked: string | null,
): Promise<ModelUnderTest> {
  if (asked !== null && isPath(asked)) return modelOfFile(artifacts, asked);
  return modelOfStore(artifacts, asked ?? newestModel(artifacts));
}

function isPath(asked: string): boolean {
  return asked.endsWith('.safetensors') || /[/\\]/.test(asked);
}

async function modelOfStore(artifacts: ArtifactManager, spec: string): Promise<ModelUnderTest> {
  const version = artifacts.resolve(spec);
  const source = `${version.name}:${version.version}`;
  const files = await artifacts.files(version);
  const [file, ...others] = files.filter(({ path }) => path.endsWith('.safetensors'));
  if (file === undefined || others.length > 0) throw unsuitableError(version);
  const used = await artifacts.use(source);
  const model = version.metadata['model'];
  return {
    name: version.name,
    weights: await used.readBytes(file.path),
    shape: isSection(model) ? { source, model } : undefined,
    version: source,
    runId: version.producer?.runId,
    store: () => Promise.resolve(version),
  };
}

function modelOfFile(artifacts: ArtifactManager, path: string): ModelUnderTest {
  const weights = readWeights(path);
  const name = modelName(`external-${sha256(weights).slice(0, 12)}`);
  return {
    name,
    weights,
    shape: undefined,
    version: undefined,
    runId: undefined,
    store: () =>
      artifacts.put(
        name,
        { 'model.safetensors': weights },
        { type: 'model', isExternal: true, metadata: { file_name: basename(path) } },
      ),
  };
}

function readWeights(path: string): Uint8Array {
  let weights: Uint8Array;
  try {
    weights = readFileSync(path);
  } catch (error) {
    throw explainSystemError(error, { action: 'read', path }) ?? error;
  }
  try {
    decodeSafetensors(weights);
    return weights;
  } catch (cause) {
    if (cause instanceof DataError) throw formatError(path, cause);
    throw cause;
  }
}

/** An evaluation is a run too, but makes no model: so the newest model, not the newest run. */
function newestModel(artifacts: ArtifactManager): string {
  const facts = artifacts.runFacts();
  const completed = new Set(
    facts.flatMap(({ run, status }) => (status === 'COMPLETED' ? [run.runUuid] : [])),
  );
  const models = artifacts
    .list({ type: 'model' })
    .filter(({ producer }) => producer !== null && completed.has(producer.runUuid));
  const newest = models.reduce<ArtifactVersion | undefined>(
    (best, one) => (best === undefined || one.createdAt > best.createdAt ? one : best),
    undefined,
  );
  if (newest !== undefined) return `${newest.name}:${newest.version}`;
  throw new UsageError(`No run has made a model in ${artifacts.root} yet`, {
    code: 'MODEL_MISSING',
    remedy: 'Train one with train:sft, or name a model with --model.',
  });
}

function unsuitableError({ name, version, type }: ArtifactVersion): UsageError {
  return new UsageError(`${name}:${version}, of type ${type}, does not hold one safetensors file`, {
    code: 'ARTIFACT_UNSUITABLE',
    remedy: 'Name a model; pixelis artifacts list --type model lists them.',
  });
}

function formatError(path: string, cause: DataError): DataError {
  return new DataError(`${path} is no safetensors file: ${cause.message}`, {
    code: 'SAFETENSORS_INVALID',
    remedy: 'Give the file of final weights or a checkpoint of a run.',
    cause,
  });
}

function isSection(value: JsonValue | undefined): value is Readonly<Record<string, JsonValue>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
