import { resumeFingerprint } from '@pixelis/artifacts';
import { trainingConfigSchema } from '@pixelis/config';
import { IntegrityError, type JsonValue } from '@pixelis/core';
import { z } from 'zod';
import { type Stage, stage } from '../compare/stage';
import { countLeaves, type ValueDifference, valueDifferences } from '../compare/value-difference';
import type { RecordedSetting, RunRecord } from '../record/run-record';

const seededSchema = z.object({ training: z.object({ seed: z.int() }) });

/** What a record's configuration is worth. */
export interface CheckedConfiguration {
  /** `differs` if the record contradicts itself; A is what was asked for, B what `config_resolved.json` holds. */
  readonly stage: Stage;
  /** Values that nobody asked for and that are no defaults of the present code: the defaults changed, or the record was. */
  readonly doubts: readonly ValueDifference[];
}

/**
 * Checks the configuration of a record against the others that tell of it: the fingerprint that the audit trail began
 * with, what was asked for, as `config_raw.json` holds it, and the seed in the manifest.
 *
 * @throws {IntegrityError} `RECORD_BROKEN` if there is no configuration.
 */
export function checkConfiguration({
  config,
  settings,
  events,
  runId,
  manifest,
}: RunRecord): CheckedConfiguration {
  if (config === null)
    throw new IntegrityError(`Run ${runId} has no configuration in config_resolved.json`, {
      code: 'RECORD_BROKEN',
      remedy: 'restore the file from a copy of the run',
    });
  const found = differencesFromAsked(config, settings);
  const isAsked = ({ path }: ValueDifference) => settings.some((one) => isWithin(path, one));
  const contradicted = [...found.filter(isAsked), ...seedDifference(config, manifest?.seed)];
  const fingerprint = events[0]?.data['config_fingerprint'];
  const isForeign = fingerprint !== undefined && fingerprint !== resumeFingerprint(config);
  if (!isForeign && contradicted.length === 0)
    return {
      stage: stage([
        'configuration',
        'equal',
        `${countLeaves(config)} values, as they were asked for`,
      ]),
      doubts: found,
    };
  const differences = contradicted.length > 0 ? contradicted : found;
  const [first] = differences;
  const summary =
    first === undefined
      ? 'config_resolved.json is not what the run began with'
      : `${first.path} is ${JSON.stringify(first.b)}, though ${JSON.stringify(first.a)} was asked for`;
  return { stage: stage(['configuration', 'differs', summary], { differences }), doubts: [] };
}

function seedDifference(config: JsonValue, seed: number | undefined): ValueDifference[] {
  const { data } = seededSchema.safeParse(config);
  if (data === undefined || seed === undefined || data.training.seed === seed) return [];
  return [{ path: 'training.seed', a: seed, b: data.training.seed }];
}

/** Where a configuration is not what the settings and the present defaults come to; nothing if these are no configuration. */
function differencesFromAsked(
  config: JsonValue,
  settings: readonly RecordedSetting[],
): ValueDifference[] {
  const defaults: JsonValue = z.json().parse(trainingConfigSchema.parse({}));
  const asked = settings.reduce<JsonValue>(
    (tree, { path, value }) => place(tree, segmentsOf(path), value),
    defaults,
  );
  const { success, data } = trainingConfigSchema.safeParse(asked);
  return success ? valueDifferences(z.json().parse(data), config) : [];
}

function isWithin(path: string, { path: asked, value }: RecordedSetting): boolean {
  if (asked !== '')
    return path === asked || path.startsWith(`${asked}.`) || path.startsWith(`${asked}[`);
  return valueDifferences(value, null)
    .concat(leavesOf(value, ''))
    .some((leaf) => leaf.path === path);
}

function leavesOf(value: JsonValue, path: string): ValueDifference[] {
  if (typeof value !== 'object' || value === null) return [{ path, a: value, b: null }];
  return Object.entries(value).flatMap(([key, item]) =>
    leavesOf(item, Array.isArray(value) ? `${path}[${key}]` : path === '' ? key : `${path}.${key}`),
  );
}

function segmentsOf(path: string): string[] {
  return path === '' ? [] : path.replace(/\[(\d+)\]/g, '.$1').split('.');
}

/** Sections are merged member by member; lists and everything else are replaced, unless an index leads into them. */
function place(base: JsonValue, segments: readonly string[], value: JsonValue): JsonValue {
  const [head, ...rest] = segments;
  if (head !== undefined && Array.isArray(base))
    return base.map((item: JsonValue, index) =>
      String(index) === head ? place(item, rest, value) : item,
    );
  const members = sectionOf(base);
  if (head !== undefined)
    return { ...members, [head]: place(members?.[head] ?? null, rest, value) };
  const added = sectionOf(value);
  if (members === null || added === null) return value;
  return Object.entries(added).reduce<JsonValue>(
    (merged, [key, item]) => place(merged, [key], place(members[key] ?? null, [], item)),
    base,
  );
}

function sectionOf(value: JsonValue): { readonly [key: string]: JsonValue } | null {
  const { success, data } = z.record(z.string(), z.json()).safeParse(value);
  return success ? data : null;
}
