import { rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import {
  canonicalJson,
  explainSystemError,
  type JsonValue,
  makeFolderSync,
  writeFileAtomic,
} from '@pixelis/core';
import type { RunRemote, RunSyncOutcome } from '../sync/run-remote';
import type { RunSnapshot } from '../sync/run-snapshot';
import { writeFileFromStream } from '../sync/stream-file';
import { configItems, runRecords, summaryOf, wandbRunId } from './run-records';
import { writeTransactionLog } from './transaction-log';

/** What a {@link WandbRemote} writes. */
export interface WandbRemoteOptions {
  /** The project of runs that name none by their tag `exp_name`. @default 'pixelis' */
  project?: string;
}

/**
 * A folder of offline runs of Weights & Biases, `<folder>/wandb/offline-run-*`, which `wandb sync` uploads. Nothing is sent from
 * here. The files of a run depend on the run alone.
 */
export class WandbRemote implements RunRemote {
  readonly address: string;
  readonly #folder: string;
  readonly #project: string;

  constructor(folder: string, options: WandbRemoteOptions = {}) {
    this.#folder = resolve(folder);
    this.address = `wandb:${this.#folder}`;
    this.#project = options.project ?? 'pixelis';
  }

  connect(): Promise<void> {
    this.#makeFolder(join(this.#folder, 'wandb'));
    return Promise.resolve();
  }

  async sync(run: RunSnapshot): Promise<RunSyncOutcome> {
    const id = wandbRunId(run);
    const folder = join(this.#folder, 'wandb', `offline-run-${startText(run.startedAt)}-${id}`);
    this.#makeFolder(join(folder, 'files'));
    for (const [name, text] of Object.entries(filesOf(run))) {
      await writeFileAtomic(join(folder, 'files', name), text);
    }
    const log = join(folder, `run-${id}.wandb`);
    const project = run.tags['exp_name'] ?? this.#project;
    await writeFileFromStream(log, writeTransactionLog(runRecords(run, project)));
    // The mark by which `wandb sync` passes over a run that it has uploaded; this one has gone on since.
    rmSync(`${log}.synced`, { force: true });
    return { warnings: [] };
  }

  #makeFolder(folder: string): void {
    try {
      makeFolderSync(folder);
    } catch (error) {
      throw explainSystemError(error, { path: folder }) ?? error;
    }
  }
}

/** `YYYYMMDD_HHMMSS`, in UTC. */
function startText(startedAt: number): string {
  return new Date(startedAt).toISOString().slice(0, 19).replace(/[-:]/g, '').replace('T', '_');
}

function filesOf(run: RunSnapshot): Record<string, string> {
  const git = run.manifest?.git ?? null;
  const metadata: JsonValue = {
    program: 'pixelis',
    startedAt: new Date(run.startedAt).toISOString(),
    ...(run.manifest === null ? {} : { node: run.manifest.node }),
    ...(git === null ? {} : { git: { commit: git.commit, remote: git.remote } }),
  };
  return {
    'config.yaml': yamlOf(run),
    'wandb-metadata.json': `${canonicalJson(metadata)}\n`,
    'wandb-summary.json': `${canonicalJson(summaryOf(run))}\n`,
  };
}

/** JSON is YAML, so every key and value is written as JSON. */
function yamlOf(run: RunSnapshot): string {
  const entries = Object.entries(configItems(run)).map(([key, value]) => {
    return `${JSON.stringify(key)}:\n  value: ${canonicalJson(value)}\n`;
  });
  return `wandb_version: 1\n${entries.join('')}`;
}
