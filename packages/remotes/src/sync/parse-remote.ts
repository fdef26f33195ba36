import { fileURLToPath } from 'node:url';
import { nearestName, redactSecrets, UsageError } from '@pixelis/core';
import type { HttpClientOptions } from '../http/http-client';
import { MlflowRemote } from '../mlflow/mlflow-remote';
import { FolderStore } from '../objects/folder-store';
import { GcsStore } from '../objects/gcs-store';
import type { ObjectStore } from '../objects/object-store';
import { S3Store } from '../objects/s3-store';
import { WandbRemote } from '../wandb/wandb-remote';
import type { Remote } from './sync-runs';

/** What {@link parseRemote} hands to the remote. */
export interface ParseRemoteOptions {
  /** The experiment or project of runs that name none by their tag `exp_name`. @default 'pixelis' */
  experiment?: string;
  /** Time limits and repetition. */
  http?: HttpClientOptions;
}

const KINDS = ['mlflow', 'wandb', 's3', 'gs', 'file'] as const;

/**
 * The remote of an address: `mlflow:http://127.0.0.1:5000`, `wandb:FOLDER`, `s3://bucket/prefix`, `gs://bucket/prefix` or
 * `file:FOLDER`. Credentials come from the environment, see the guide on remotes.
 *
 * @throws {UsageError} `REMOTE_ADDRESS_INVALID`
 * @throws {EnvironmentError} `CREDENTIALS_MISSING`
 */
export function parseRemote(text: string, options: ParseRemoteOptions = {}): Remote {
  const [, kind = '', rest = ''] = /^([a-z0-9]+):(.*)$/is.exec(text) ?? [];
  const { experiment, http } = options;
  const network = http === undefined ? {} : { http };
  switch (kind.toLowerCase()) {
    case 'mlflow': {
      const named = experiment === undefined ? {} : { experiment };
      return new MlflowRemote(webAddress(rest, text), { ...network, ...named });
    }
    case 'wandb': {
      const named = experiment === undefined ? {} : { project: experiment };
      return new WandbRemote(folderOf(rest, text), named);
    }
    case 's3':
      return new S3Store(bucketAddress(text), network);
    case 'gs':
      return new GcsStore(bucketAddress(text), network);
    case 'file':
      return new FolderStore(folderOf(rest, text));
    default:
      throw addressError(text, unknownKind(kind));
  }
}

/**
 * As {@link parseRemote}, for what only an object store can do, such as `pullStore`.
 *
 * @throws {UsageError} `REMOTE_NO_STORE` if the address is that of a tracker.
 */
export function parseStore(text: string, options: ParseRemoteOptions = {}): ObjectStore {
  const remote = parseRemote(text, options);
  if ('put' in remote) return remote;
  throw new UsageError(`${remote.address} is no object store`, {
    code: 'REMOTE_NO_STORE',
    remedy: 'Give s3://bucket/prefix, gs://bucket/prefix or file:FOLDER.',
  });
}

function webAddress(address: string, text: string): URL {
  if (!/^https?:\/\/[^/]/i.test(address) || !URL.canParse(address)) {
    throw addressError(text, 'after "mlflow:" comes the address of a server');
  }
  return new URL(address);
}

function bucketAddress(text: string): URL {
  if (!/^[a-z0-9]+:\/\/[^/]/i.test(text) || !URL.canParse(text)) {
    throw addressError(text, 'a bucket is missing');
  }
  return new URL(text);
}

function folderOf(path: string, text: string): string {
  if (path === '') throw addressError(text, 'a folder is missing');
  return /^\/\/\//.test(path) ? fileURLToPath(`file:${path}`) : path;
}

function unknownKind(kind: string): string {
  const nearest = nearestName(kind, KINDS);
  return nearest === undefined ? 'its kind is unknown' : `did you mean ${nearest}:?`;
}

function addressError(text: string, problem: string): UsageError {
  return new UsageError(
    `${JSON.stringify(redactSecrets(text))} is no address of a remote: ${problem}`,
    {
      code: 'REMOTE_ADDRESS_INVALID',
      remedy:
        'Write mlflow:http://HOST:PORT, wandb:FOLDER, s3://bucket/prefix, gs://bucket/prefix or file:FOLDER.',
    },
  );
}
