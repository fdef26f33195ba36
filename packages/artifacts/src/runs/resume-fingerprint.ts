import { canonicalJson, type JsonValue, sha256 } from '@pixelis/core';
import { requireValue } from './check-argument';
import { isJsonObject } from './json-object';

/** What may differ between a run and its resumption, since it reaches no result: threads, processes and paths. */
export const RESUME_EXEMPT_KEYS: readonly string[] = [
  'data.directory',
  'data.num_workers',
  'hardware.num_gpus',
  'hardware.threads',
];

/** Options of {@link resumeFingerprint}. */
export interface ResumeFingerprintOptions {
  /** Dotted keys that are left out, with everything below them. @default RESUME_EXEMPT_KEYS */
  exemptKeys?: readonly string[];
}

/**
 * Names a resolved configuration up to what may differ on resume: SHA-256, in hexadecimal, of its canonical JSON
 * (RFC 8785) without the exempt keys.
 */
export function resumeFingerprint(
  config: JsonValue,
  options: ResumeFingerprintOptions = {},
): string {
  requireValue(config, { action: 'name a configuration', name: 'config' });
  const { exemptKeys = RESUME_EXEMPT_KEYS } = options;
  return sha256(canonicalJson(withoutKeys(config, new Set(exemptKeys), '')));
}

function withoutKeys(value: JsonValue, exempt: ReadonlySet<string>, prefix: string): JsonValue {
  if (!isJsonObject(value)) return value;
  const kept: [string, JsonValue][] = [];
  for (const [key, item] of Object.entries(value)) {
    const path = `${prefix}${key}`;
    if (!exempt.has(path)) kept.push([key, withoutKeys(item, exempt, `${path}.`)]);
  }
  return Object.fromEntries(kept);
}
