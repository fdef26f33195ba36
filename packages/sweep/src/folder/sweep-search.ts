import type { ConfigWithOrigins, Origin, SweepConfig, TrainingConfig } from '@pixelis/config';
import { canonicalJson, IntegrityError, type JsonValue, sha256 } from '@pixelis/core';
import { z } from 'zod';
import { readTextIfThere } from './on-disk';

/** The file that says what a sweep searches; it is there before any trial begins. */
export const SEARCH_FILE = 'sweep.json';

const originSchema = z.strictObject({
  layer: z.enum(['default', 'file', 'environment', 'argument', 'sweep']),
  source: z.string(),
});

const section = z.record(z.string(), z.json());

const searchSchema = z.strictObject({
  sweep_version: z.literal(1),
  /** Kind of training, such as `sft`. */
  mode: z.string(),
  /** Of the strategy, and of every trial that does not vary it. */
  seed: z.int().min(0),
  /** Number of all trials. */
  trials: z.int().min(1),
  /** What is varied, and how: the section `sweep` of the configuration. */
  sweep: section,
  /** The configuration that every trial begins with, and who set its values where they are no defaults. */
  config: section,
  origins: z.record(z.string(), originSchema),
  /** SHA-256 of the canonical JSON (RFC 8785) of `{"config": …, "sweep": …}`: equal for equal searches. */
  fingerprint: z.string().regex(/^[0-9a-f]{64}$/),
});

/** What `sweep.json` holds. */
export type SearchDocument = z.infer<typeof searchSchema>;

/** What a sweep searches. */
export interface Search {
  /** What is varied, and how. */
  readonly sweep: SweepConfig['sweep'];
  /** The configuration that every trial begins with. */
  readonly base: ConfigWithOrigins<TrainingConfig>;
  /** Number of all trials. */
  readonly trials: number;
}

/** Takes the resolved configuration of a sweep apart: what is varied, and what every trial begins with. */
export function searchOf(
  { config: { sweep, ...config }, origins }: ConfigWithOrigins<SweepConfig>,
  trials: number,
): Search {
  const ofTrials = Object.entries(origins).filter(([path]) => !/^sweep([.[]|$)/.test(path));
  return { sweep, base: { config, origins: Object.fromEntries(ofTrials) }, trials };
}

/** What `sweep.json` says of a search. It holds no clock and no tag, so that equal searches have equal files. */
export function describeSearch({ sweep, base, trials }: Search): SearchDocument {
  const searched = section.parse(sweep);
  const config = section.parse(base.config);
  return {
    sweep_version: 1,
    mode: base.config.training.mode,
    seed: base.config.training.seed,
    trials,
    sweep: searched,
    config,
    origins: changedOrigins(base.origins),
    fingerprint: fingerprintOf({ config, sweep: searched }),
  };
}

/** Equal for equal searches: SHA-256 of their canonical JSON (RFC 8785). */
export function fingerprintOf({ config, sweep }: Pick<SearchDocument, 'config' | 'sweep'>): string {
  return sha256(canonicalJson({ config, sweep }));
}

/** Who set each value that is no default. */
export function changedOrigins(origins: Readonly<Record<string, Origin>>): Record<string, Origin> {
  return Object.fromEntries(Object.entries(origins).filter(([, { layer }]) => layer !== 'default'));
}

/**
 * What a sweep on the disk searches; undefined if the folder holds none.
 *
 * @throws {IntegrityError} `SWEEP_BROKEN` if the file is not what Pixelis wrote.
 */
export function readSearch(path: string): SearchDocument | undefined {
  const text = readTextIfThere(path);
  if (text === undefined) return undefined;
  try {
    return searchSchema.parse(JSON.parse(text));
  } catch (cause) {
    throw new IntegrityError(`${path} does not say what a sweep searches`, {
      code: 'SWEEP_BROKEN',
      remedy: 'begin a sweep with another --tag',
      cause,
    });
  }
}

/** A value that differs between two searches, as canonical JSON; undefined where there is none. */
export interface SearchDifference {
  /** Dotted. */
  readonly key: string;
  readonly values: readonly [string | undefined, string | undefined];
}

/** What differs between two searches, in the order of the code units of the keys. */
export function searchDifferences(a: SearchDocument, b: SearchDocument): SearchDifference[] {
  const left = leavesOf({ ...a.config, sweep: a.sweep });
  const right = leavesOf({ ...b.config, sweep: b.sweep });
  const keys = [...new Set([...left.keys(), ...right.keys()])].sort();
  return keys
    .map((key): SearchDifference => ({ key, values: [left.get(key), right.get(key)] }))
    .filter(({ values: [one, other] }) => one !== other);
}

/** Values that are no objects, as canonical JSON, by their dotted keys. */
function leavesOf(value: JsonValue, path = ''): Map<string, string> {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return new Map([[path, canonicalJson(value)]]);
  const prefix = path === '' ? '' : `${path}.`;
  return new Map(
    Object.entries(value).flatMap(([key, member]) => [...leavesOf(member, `${prefix}${key}`)]),
  );
}
