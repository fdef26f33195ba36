import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import type { HttpClientOptions } from '../http/http-client';
import { safeAddress } from '../http/remote-errors';
import { runPoints } from '../sync/run-points';
import type { RunRemote, RunSyncOutcome } from '../sync/run-remote';
import type { RunSnapshot } from '../sync/run-snapshot';
import type { SyncState } from '../sync/sync-state';
import { cutText, inBatches, type KeyValue, LIMITS, mlflowKey } from './entities';
import { isUnclearFailure, logMetrics } from './log-metrics';
import { MlflowApi, type MlflowCredentials, type MlflowRun } from './mlflow-api';
import { datasetInputsOf, paramsOf, RUN_UUID_TAG, statusOf, tagsOf } from './run-entities';

/** How an {@link MlflowRemote} is reached. */
export interface MlflowRemoteOptions {
  /** @default MLFLOW_TRACKING_TOKEN, or MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD, or those in the address */
  credentials?: MlflowCredentials;
  /** The experiment of runs that name none by their tag `exp_name`. @default 'pixelis' */
  experiment?: string;
  /** Whether the files of runs are uploaded, where the server takes them. @default true */
  isUploadingFiles?: boolean;
  /** Time limits and repetition. */
  http?: HttpClientOptions;
}

/** How often a run is looked for that a request may or may not have made. */
const CREATE_ATTEMPTS = 6;

/**
 * An MLflow tracking server. A run here is one run there, found again by the tag `pixelis.run_uuid`; whatever a request that
 * failed left is read back before anything is sent again.
 */
export class MlflowRemote implements RunRemote {
  readonly address: string;
  readonly #api: MlflowApi;
  readonly #experiment: string;
  readonly #isUploadingFiles: boolean;
  readonly #experimentIds = new Map<string, Promise<string>>();

  /** @param address The server's address, such as `http://127.0.0.1:5000`. */
  constructor(address: URL, options: MlflowRemoteOptions = {}) {
    this.address = `mlflow:${safeAddress(address)}`;
    const credentials = options.credentials ?? credentialsOf(address);
    this.#api = new MlflowApi(address, credentials, options.http);
    this.#experiment = options.experiment ?? 'pixelis';
    this.#isUploadingFiles = options.isUploadingFiles ?? true;
  }

  async connect(): Promise<void> {
    await this.#api.connect();
  }

  async sync(run: RunSnapshot, state: SyncState): Promise<RunSyncOutcome> {
    const { run: target, isNew } = await this.#findOrCreate(run);
    const runId = target.info.run_id;
    const warnings = await this.#logParams(target, run);
    await this.#logTags(target, run);
    const points = runPoints(run).map((point) => ({ ...point, key: mlflowKey(point.key) }));
    await logMetrics(this.#api, { runId, points }, { isUnclear: !isNew });
    await this.#logInputs(target, run);
    if (this.#isUploadingFiles) warnings.push(...(await this.#putFiles(target, run, state)));
    const status = statusOf(run);
    const isToldEnd = run.endedAt === null || target.info.end_time === run.endedAt;
    if (target.info.status !== status || !isToldEnd) {
      const end = run.endedAt === null ? {} : { end_time: run.endedAt };
      await this.#api.updateRun(runId, { status, ...end });
    }
    return { warnings };
  }

  async #findOrCreate(run: RunSnapshot): Promise<{ run: MlflowRun; isNew: boolean }> {
    const experimentId = await this.#experimentId(run.tags['exp_name'] ?? this.#experiment);
    const tag: KeyValue = { key: RUN_UUID_TAG, value: run.runUuid };
    const found = await this.#api.findRun(experimentId, tag);
    if (found !== null) return { run: found, isNew: false };
    for (let attempt = 1; ; attempt++) {
      try {
        const made = await this.#api.createRun({
          experiment_id: experimentId,
          run_name: run.runId,
          start_time: run.startedAt,
          tags: [tag, { key: 'pixelis.run_id', value: run.runId }],
        });
        return { run: made, isNew: true };
      } catch (error) {
        if (!isUnclearFailure(error) || attempt >= CREATE_ATTEMPTS) throw error;
        await this.#api.http.pause(attempt);
        const made = await this.#api.findRun(experimentId, tag);
        if (made !== null) return { run: made, isNew: false };
      }
    }
  }

  async #experimentId(name: string): Promise<string> {
    const cut = cutText(name, LIMITS.experimentNameLength);
    const known = this.#experimentIds.get(cut);
    if (known !== undefined) return known;
    const asked = this.#api.experimentId(cut);
    this.#experimentIds.set(cut, asked);
    asked.catch(() => this.#experimentIds.delete(cut));
    return asked;
  }

  /** A parameter is written once for ever, so one that the server has with another value stays as it is, with a warning. */
  async #logParams(target: MlflowRun, run: RunSnapshot): Promise<string[]> {
    const present = new Map(target.data.params.map(({ key, value }) => [key, value]));
    const params = paramsOf(run);
    const missing = params.filter(({ key }) => !present.has(key));
    const limits = { count: LIMITS.paramsPerBatch, bytes: LIMITS.batchBytes - 1000 };
    for (const batch of inBatches(missing, limits)) {
      await this.#api.logParams(target.info.run_id, batch);
    }
    return params
      .filter(({ key, value }) => (present.get(key) ?? value) !== value)
      .map(({ key }) => `The parameter ${key} stays as the server has it: it cannot be changed`);
  }

  async #logTags(target: MlflowRun, run: RunSnapshot): Promise<void> {
    const present = new Map(target.data.tags.map(({ key, value }) => [key, value]));
    const changed = tagsOf(run).filter(({ key, value }) => (present.get(key) ?? '') !== value);
    const limits = { count: LIMITS.tagsPerBatch, bytes: LIMITS.batchBytes - 1000 };
    for (const batch of inBatches(changed, limits)) {
      await this.#api.logTags(target.info.run_id, batch);
    }
  }

  async #logInputs(target: MlflowRun, run: RunSnapshot): Promise<void> {
    const present = new Set(
      target.inputs.dataset_inputs.map(({ dataset }) => `${dataset.name} ${dataset.digest}`),
    );
    const missing = datasetInputsOf(run).filter(({ dataset }) => {
      return !present.has(`${dataset.name} ${dataset.digest}`);
    });
    if (missing.length > 0) await this.#api.logInputs(target.info.run_id, missing);
  }

  async #putFiles(target: MlflowRun, run: RunSnapshot, state: SyncState): Promise<string[]> {
    const root = proxiedPath(target.info.artifact_uri);
    if (root === null) {
      return [
        'The files stay here: this server does not take any (start it with --serve-artifacts)',
      ];
    }
    for (const { path, bytes, sha256 } of run.files) {
      if (state.hasFile(path, sha256)) continue;
      const source = join(run.directory, path);
      await this.#api.putArtifact(`${root}/${path}`, {
        bytes,
        open: () => createReadStream(source),
      });
      await state.addFile(path, sha256);
    }
    return [];
  }
}

/** The path below the server's root of artifacts; null if artifacts do not go through the server. */
function proxiedPath(artifactUri: string): string | null {
  const match = /^mlflow-artifacts:(?:\/\/[^/]*)?\/(.+)$/.exec(artifactUri);
  return match?.[1]?.replace(/\/+$/, '') ?? null;
}

function credentialsOf(address: URL): MlflowCredentials {
  const { env } = process;
  const token = env['MLFLOW_TRACKING_TOKEN'];
  const username =
    address.username === ''
      ? env['MLFLOW_TRACKING_USERNAME']
      : decodeURIComponent(address.username);
  const password =
    address.username === ''
      ? env['MLFLOW_TRACKING_PASSWORD']
      : decodeURIComponent(address.password);
  if (address.username === '' && token) return { token };
  return username ? { username, password: password ?? '' } : {};
}
