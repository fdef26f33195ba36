import type { z } from 'zod';
import type { ManifestProblem } from './read-manifest';

const SHOWN_LENGTH_MAX = 60;

/** What {@link manifestProblems} turns into words. */
export interface ManifestFaults {
  readonly issues: readonly z.core.$ZodIssue[];
  /** As it was read. */
  readonly document: unknown;
}

/** Says of each field that does not fit what it is and what it should be. The messages come from {@link manifestExpectation}. */
export function manifestProblems({ issues, document }: ManifestFaults): ManifestProblem[] {
  return issues.flatMap((issue): ManifestProblem[] => {
    const { path } = issue;
    switch (issue.code) {
      case 'unrecognized_keys':
        return issue.keys.map((key) => ({
          path: fieldPath([...path, key]),
          message: 'is no field that a manifest has',
        }));
      case 'invalid_key': {
        const message = issue.issues.map((inner) => inner.message).join('; ');
        return [{ path: fieldPath(path), message: `is no name that may stand here: ${message}` }];
      }
      default: {
        const value = valueAt(document, path);
        const message =
          value === undefined
            ? `is missing: ${issue.message}`
            : `is ${shown(value)}: ${issue.message}`;
        return [{ path: fieldPath(path), message }];
      }
    }
  });
}

/** Words for what a schema of a manifest expects. Given to zod as the error map; a message of the schema itself comes first. */
export function manifestExpectation(issue: z.core.$ZodRawIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return `must be ${NOUNS[issue.expected] ?? issue.expected}`;
    case 'invalid_value':
      return `must be ${issue.values.map((value) => JSON.stringify(value)).join(' or ')}`;
    case 'invalid_format':
      return `must be ${FORMATS[issue.format] ?? `of the form ${issue.format}`}`;
    case 'too_small':
      return `must be >= ${String(issue.minimum)}`;
    case 'too_big':
      return `must be <= ${String(issue.maximum)}`;
    default:
      return 'must be what the schema of a manifest says';
  }
}

const NOUNS: Readonly<Record<string, string>> = {
  array: 'a list',
  boolean: 'true or false',
  int: 'an integer',
  number: 'a number',
  object: 'an object',
  record: 'an object',
  string: 'text',
};

const FORMATS: Readonly<Record<string, string>> = {
  datetime: 'a moment in UTC, such as 2026-01-02T03:04:05.678Z',
  uuid: 'a UUID of version 7',
};

/** Dotted, but for keys that are no plain word, such as a path: `files["a/b.json"].bytes`. */
function fieldPath(path: readonly PropertyKey[]): string {
  const parts = path.map((segment) => {
    if (typeof segment === 'number') return `[${segment}]`;
    const key = String(segment);
    return /^\w+$/.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`;
  });
  return parts.join('').replace(/^\./, '');
}

function shown(value: unknown): string {
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object' && value !== null) return 'an object';
  const text = JSON.stringify(value);
  return text.length > SHOWN_LENGTH_MAX ? `${text.slice(0, SHOWN_LENGTH_MAX)}…` : text;
}

function valueAt(document: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((value, segment) => {
    if (typeof value !== 'object' || value === null) return undefined;
    return new Map(Object.entries(value)).get(String(segment));
  }, document);
}
