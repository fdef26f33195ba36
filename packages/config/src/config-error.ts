import { UsageError } from '@pixelis/core';
import { printable } from './printable';

/** The names of the layers, from the lowest. */
export const LAYER_NAMES = ['default', 'file', 'environment', 'argument', 'sweep'] as const;

/** Layers of a configuration; later ones win. `sweep` is what a sweep sets for one of its trials. */
export type LayerName = (typeof LAYER_NAMES)[number];

/** Who set a value. A type, since an interface is no `JsonValue`. */
export type Origin = {
  layer: LayerName;
  /**
   * `schema`, the path of the file, the name of the environment variable, or the argument, such as `--seed`; of a default
   * that another value decides, that value, such as `hardware.backend=cpu`.
   */
  source: string;
};

/** One thing that is wrong with a configuration. */
export interface ConfigIssue {
  /** Path of the value, such as `training.seed`; empty if the issue is not about one. */
  path: string;
  /** One line that names the value, what was expected, and where the value came from. */
  message: string;
  origin: Origin;
}

/** Origin of what nobody set. */
export const DEFAULT_ORIGIN: Origin = { layer: 'default', source: 'schema' };

const SHOWN_ISSUES_MAX = 10;

/** Options of {@link ConfigError}. */
export interface ConfigErrorOptions {
  /** The JSON Schema that the remedy names. @default none */
  schemaFile?: string | undefined;
}

/** A configuration that cannot be used, with all that is wrong with it. Ends a program with exit code 2. */
export class ConfigError extends UsageError {
  readonly issues: readonly ConfigIssue[];

  constructor(issues: readonly ConfigIssue[], { schemaFile }: ConfigErrorOptions = {}) {
    const description = `; ${schemaFile} describes every key, its values and its default`;
    super(summary(issues), {
      code: 'CONFIG_INVALID',
      remedy: `Correct it where it was set${schemaFile === undefined ? '' : description}`,
    });
    this.issues = issues;
  }
}

/** Names an origin in a message: `argument --seed`. */
export function formatOrigin(origin: Origin): string {
  return `${origin.layer} ${printable(origin.source)}`;
}

function summary(issues: readonly ConfigIssue[]): string {
  const shown = issues.slice(0, SHOWN_ISSUES_MAX).map((issue) => issue.message);
  const hidden = issues.length - shown.length;
  return [...shown, ...(hidden > 0 ? [`and ${hidden} more`] : [])].join('; ');
}
