import { existsSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { MANIFEST_FILE, type ManifestProblem, readManifest, readMetrics } from '@pixelis/artifacts';
import { canonicalJson, IntegrityError, type JsonValue, PixelisError } from '@pixelis/core';
import { z } from 'zod';
import {
  type DescribedTrial,
  describeSweep,
  describeTrial,
  filesOfSweep,
  outcomeFile,
  type SweepToDescribe,
} from './folder/describe-sweep';
import { onDisk, readTextIfThere } from './folder/on-disk';
import { readOutcome, type TrialOutcome } from './folder/outcome';
import type { SweepDescription, SweepManifest, SweepManifestTrial } from './folder/sweep-manifest';
import { sweepsDirectory, trialName } from './folder/sweep-names';
import { fingerprintOf, readSearch, SEARCH_FILE } from './folder/sweep-search';
import type { Parameters } from './strategies/strategy';
import { requireIntactRun } from './trials/require-intact-run';
import { segmentsOf } from './trials/trial-config';
import { plainResults, valueOf } from './trials/trial-run';

const documentSchema = z.record(z.string(), z.json());

/** Fields that follow from other files, with the file or folder that they follow from. */
const SOURCES = {
  tag: outcomeFile(1),
  mode: SEARCH_FILE,
  seed: SEARCH_FILE,
  search: SEARCH_FILE,
  fingerprint: SEARCH_FILE,
  counts: 'outcomes/',
  best: 'outcomes/',
} as const satisfies Partial<Record<keyof SweepDescription, string>>;

/**
 * Checks what the manifest of a sweep says against the files that it was made from: the search, the configurations and outcomes of the
 * trials, and their runs: complete ones must be as they were when they completed, and hold the values that the trials came to. That a
 * run is missing is a problem only beside a folder of runs, since the folder of a sweep may be moved alone. Whether the files of the
 * sweep themselves are as they were is another question: their hashes tell. Changes nothing.
 *
 * @param directory The folder of the sweep.
 * @returns All that differs; nothing of files of the sweep that are missing, but for those that the manifest does not list.
 * @throws {DataError} If a file cannot be read.
 */
export function checkSweep(directory: string, manifest: SweepManifest): ManifestProblem[] {
  return new SweepCheck(directory, manifest).problems;
}

class SweepCheck {
  readonly problems: ManifestProblem[] = [];
  readonly #directory: string;
  readonly #manifest: SweepManifest;
  #metric: string;

  constructor(directory: string, manifest: SweepManifest) {
    this.#directory = directory;
    this.#manifest = manifest;
    this.#metric = manifest.search.metric;
    const { files, trials } = manifest;
    for (const path of filesOfSweep(manifest)) {
      if (!Object.hasOwn(files, path))
        this.problems.push({ path, message: 'is not among the files' });
    }
    const outcomes = trials.map((_, index) => this.#outcome(index + 1));
    this.#checkDescription(outcomes);
    for (const [index, trial] of trials.entries()) {
      if (trial.state !== 'FAILED' && basename(trial.run_id) === trial.run_id)
        this.#checkRun(trial, `trials[${index}]`);
    }
  }

  #checkDescription(outcomes: readonly (TrialOutcome | undefined)[]): void {
    const { trials, tag } = this.#manifest;
    const search = this.#search();
    this.#metric = metricOf(search.sweep) ?? this.#metric;
    const expected = trials.map((trial, index) => this.#expected(trial, outcomes[index]));
    const described = this.#describe({
      tag: tagOf(outcomes[0]) ?? tag,
      search,
      trials: expected,
    });
    if (described === undefined) return;
    const found = documentOf(this.#manifest);
    const wanted = documentOf(described);
    for (const [field, source] of Object.entries(SOURCES))
      this.#compare(field, { found: found[field], expected: wanted[field], source });
    for (const [index, trial] of expected.entries()) {
      const given = documentOf(trials[index]);
      for (const [field, value] of Object.entries(documentOf(trial))) {
        const name = trialName(index + 1);
        const source =
          field === 'parameters' && trial.config_path !== null
            ? `${name}.json`
            : outcomeFile(index + 1);
        this.#compare(`trials[${index}].${field}`, {
          ...{ found: given[field], expected: value, source },
        });
      }
    }
  }

  /** What `sweep.json` says; if that cannot be known, what the manifest says of it. */
  #search(): SweepToDescribe['search'] {
    const { mode, seed, fingerprint, search: sweep, trials } = this.#manifest;
    const known = this.#read(SEARCH_FILE, readSearch);
    if (known === undefined) return { mode, seed, fingerprint, sweep };
    const own = fingerprintOf(known);
    if (known.fingerprint !== own)
      this.problems.push({
        path: SEARCH_FILE,
        message: `its fingerprint is ${known.fingerprint}, but that of what it holds is ${own}`,
      });
    if (known.trials !== trials.length)
      this.problems.push({
        path: 'trials',
        message: `are ${trials.length}, but ${SEARCH_FILE} says ${known.trials}`,
      });
    return known;
  }

  /** Undefined if there can be no such sweep. */
  #describe(sweep: SweepToDescribe): SweepDescription | undefined {
    try {
      return describeSweep(sweep);
    } catch (error) {
      if (!(error instanceof z.ZodError)) throw error;
      const message = 'holds no search that a sweep can have';
      this.problems.push({ path: SEARCH_FILE, message });
      return undefined;
    }
  }

  #outcome(trial: number): TrialOutcome | undefined {
    return this.#read(outcomeFile(trial), (path) => readOutcome(path, trial));
  }

  /** A trial as it should stand in the manifest; as it does if that cannot be known. */
  #expected(given: SweepManifestTrial, outcome: TrialOutcome | undefined): DescribedTrial {
    if (outcome === undefined) return given;
    const trial = describeTrial({ parameters: given.parameters, outcome });
    if (trial.config_path === null) return trial;
    const config = this.#read(trial.config_path, readDocument);
    return config === undefined ? trial : { ...trial, parameters: this.#parameters(trial, config) };
  }

  /** The values of the varied keys in a configuration, which may hold defaults within a value that were not given. */
  #parameters({ parameters }: DescribedTrial, config: JsonValue): Parameters {
    const keys = Object.keys(this.#manifest.search.space).sort();
    return Object.fromEntries(
      keys.flatMap((key): [string, JsonValue][] => {
        const value = segmentsOf(key).reduce<JsonValue | undefined>(memberOf, config);
        const given = parameters[key];
        if (value === undefined) return [];
        return [[key, given !== undefined && isWithin(given, value) ? given : value]];
      }),
    );
  }

  /** What a trial came to must be what its run came to, if that is there. */
  #checkRun(trial: SweepManifestTrial, path: string): void {
    const run = join('..', '..', 'runs', trial.run_id);
    if (!existsSync(join(this.#directory, run))) {
      if (this.#hasRuns())
        this.problems.push({
          path: `${path}.run_id`,
          message: `the run ${trial.run_id} is missing`,
        });
      return;
    }
    try {
      this.#compareRun(trial, { path, run });
    } catch (error) {
      if (!(error instanceof PixelisError)) throw error;
      this.problems.push({ path: `${path}.run_id`, message: error.message });
    }
  }

  /** Whether the sweep stands where it was made, with runs beside it. */
  #hasRuns(): boolean {
    const sweeps = dirname(resolve(this.#directory));
    const out = dirname(sweeps);
    return sweeps === sweepsDirectory(out) && existsSync(join(out, 'runs'));
  }

  /** A run that is not complete has no seal, and may have gone on since it was compared. */
  #compareRun(
    { state, value, steps, results }: SweepManifestTrial,
    { path, run }: { readonly path: string; readonly run: string },
  ): void {
    const directory = join(this.#directory, run);
    if (state === 'COMPLETED') requireIntactRun(directory);
    const source = join(run, 'metrics.jsonl');
    const metrics = onDisk(join(this.#directory, source), () => readMetrics(directory));
    const last = metrics.at(-1)?.['step'] ?? 0;
    const reached = state === 'COMPLETED' ? last : Math.min(last, steps);
    const expected = valueOf({ metrics }, { metric: this.#metric, steps: reached });
    this.#compare(`${path}.value`, { found: value, expected, source });
    this.#compare(`${path}.steps`, { found: steps, expected: reached, source });
    if (state !== 'COMPLETED') return;
    const file = join(run, MANIFEST_FILE);
    const recorded = plainResults(readManifest(directory).results);
    this.#compare(`${path}.results`, { found: results, expected: recorded, source: file });
  }

  /** Reads a file of the sweep; undefined if it is missing, or is not what it should be, which is told. */
  #read<T>(file: string, read: (path: string) => T | undefined): T | undefined {
    try {
      return read(join(this.#directory, file));
    } catch (error) {
      if (!isBroken(error)) throw error;
      this.problems.push({ path: file, message: 'is not what Pixelis writes' });
      return undefined;
    }
  }

  #compare(path: string, { found, expected, source }: Comparison): void {
    if (textOf(found) === textOf(expected)) return;
    if (isSection(found) && isSection(expected)) {
      for (const key of new Set([...Object.keys(found), ...Object.keys(expected)]))
        this.#compare(`${path}.${key}`, { found: found[key], expected: expected[key], source });
      return;
    }
    const is = found === undefined ? 'is missing' : `is ${textOf(found)}`;
    const says = expected === undefined ? 'nothing of it' : textOf(expected);
    this.problems.push({ path, message: `${is}, but ${source} says ${says}` });
  }
}

interface Comparison {
  readonly found: JsonValue | undefined;
  readonly expected: JsonValue | undefined;
  /** The file that `expected` follows from. */
  readonly source: string;
}

function metricOf(sweep: unknown): string | undefined {
  const metric = documentSchema.safeParse(sweep).data?.['metric'];
  return typeof metric === 'string' ? metric : undefined;
}

/** The tag by which a trial's run was named. */
function tagOf(outcome: TrialOutcome | undefined): string | undefined {
  const end = `-${trialName(outcome?.trial ?? 1)}`;
  return outcome?.run_id.endsWith(end) === true ? outcome.run_id.slice(0, -end.length) : undefined;
}

function readDocument(path: string): Record<string, JsonValue> | undefined {
  const text = readTextIfThere(path);
  return text === undefined ? undefined : documentSchema.parse(JSON.parse(text));
}

/** Whether a file could be read but does not hold what it should. */
function isBroken(error: unknown): boolean {
  return [IntegrityError, SyntaxError, z.ZodError].some((kind) => error instanceof kind);
}

function documentOf(value: unknown): Record<string, JsonValue> {
  return documentSchema.parse(JSON.parse(JSON.stringify(value)));
}

function textOf(value: JsonValue | undefined): string | undefined {
  return value === undefined ? undefined : canonicalJson(value);
}

function isSection(value: JsonValue | undefined): value is Record<string, JsonValue> {
  return typeof value === 'object' && value !== null && !isList(value);
}

function isList(value: JsonValue | undefined): value is readonly JsonValue[] {
  return Array.isArray(value);
}

function memberOf(value: JsonValue | undefined, key: string): JsonValue | undefined {
  if (isList(value)) return value[Number(key)];
  return isSection(value) && Object.hasOwn(value, key) ? value[key] : undefined;
}

/** Whether all that `part` says stands in `whole` too. */
function isWithin(part: JsonValue, whole: JsonValue | undefined): boolean {
  if (isList(part))
    return (
      isList(whole) &&
      part.length === whole.length &&
      part.every((item, index) => isWithin(item, whole[index]))
    );
  if (isSection(part))
    return (
      isSection(whole) && Object.entries(part).every(([key, item]) => isWithin(item, whole[key]))
    );
  return textOf(part) === textOf(whole);
}
