import { join } from 'node:path';
import type { JsonValue } from '@pixelis/core';
import { isRecord } from './check-argument';
import { readLastMetric } from './last-metrics';
import { readManifestLeniently } from './read-manifest';
import { readRunConfig, valueAt } from './run-config';
import { type RunSummary, summariseRun, type SummariseRunOptions } from './run-summary';
import { readTags, type RunTags } from './tags';

/** A run on the disk as a list looks at it: each file is read when it is first asked for, and what is damaged is missing. */
export class StoredRun {
  readonly runId: string;
  readonly #runs: string;
  readonly #options: SummariseRunOptions;
  #summary: RunSummary | null | undefined;
  #results: Readonly<Record<string, unknown>> | undefined;
  #tags: RunTags | undefined;
  #config: JsonValue | null | undefined;

  constructor({ runs, runId }: { runs: string; runId: string }, options: SummariseRunOptions = {}) {
    this.#runs = runs;
    this.runId = runId;
    this.#options = options;
  }

  /** Null for what is no run, or damaged. */
  get summary(): RunSummary | null {
    this.#summary ??= orElse(null, () =>
      summariseRun({ runs: this.#runs, runId: this.runId }, this.#options),
    );
    return this.#summary;
  }

  get tags(): RunTags {
    this.#tags ??= orElse({}, () => readTags(this.#directory));
    return this.#tags;
  }

  /** The value of the resolved configuration at a dotted path. */
  config(path: string): JsonValue | undefined {
    this.#config ??= orElse(null, () => readRunConfig(this.#directory)?.config ?? null);
    return this.#config === null ? undefined : valueAt(this.#config, path);
  }

  /** What the run came to, by the results of its manifest, or else the value that it recorded last. */
  metric(key: string): number | undefined {
    this.#results ??= orElse({}, () => readResults(this.#directory));
    const result = Object.hasOwn(this.#results, key) ? this.#results[key] : undefined;
    if (typeof result === 'number') return result;
    return orElse(undefined, () => readLastMetric(this.#directory, key));
  }

  get #directory(): string {
    return join(this.#runs, this.runId);
  }
}

/** The results in the manifest of a run; none for a run that is not complete. */
function readResults(directory: string): Readonly<Record<string, unknown>> {
  const results = readManifestLeniently(directory)?.['results'];
  return isRecord(results) ? results : {};
}

/** One damaged run must not hide the others; `auditRun` tells what is wrong with it. */
function orElse<T>(fallback: T, read: () => T): T {
  try {
    return read();
  } catch {
    return fallback;
  }
}
