import type { JsonValue } from '@pixelis/core';
import type { ResolvedConfig } from './resolve-config';
import { resolvedDocument } from './resolved-document';
import type { TrainingConfig } from './training-config';

/** What {@link trialDocument} takes beside the configuration. */
export interface TrialDocumentOptions {
  /** Path or address of the JSON Schema, for editors. @default none */
  schema?: string;
}

const THREADS = 'hardware.threads';

/**
 * The content of a trial's file `NNNN.json`: every value, and of those that are no defaults who set them. Threads that nobody set are left
 * out, since the result does not depend on them and whoever starts the trial knows best.
 */
export function trialDocument(
  resolved: Pick<ResolvedConfig<TrainingConfig>, 'config' | 'origins' | 'secrets'>,
  { schema }: TrialDocumentOptions = {},
): Record<string, JsonValue> {
  const { config, origins } = resolvedDocument(resolved);
  const { threads, ...hardware } = config.hardware;
  const isSet = origins[THREADS] !== undefined && origins[THREADS].layer !== 'default';
  const changed = Object.entries(origins).filter(([, { layer }]) => layer !== 'default');
  return {
    ...(schema === undefined ? {} : { $schema: schema }),
    ...config,
    hardware: isSet ? { ...hardware, threads } : hardware,
    $origins: Object.fromEntries(changed),
  };
}
