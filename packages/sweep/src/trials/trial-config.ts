import {
  ConfigError,
  type ConfigLayer,
  type ConfigWithOrigins,
  extendConfig,
  type TrainingConfig,
  trialDocument,
} from '@pixelis/config';
import { UsageError } from '@pixelis/core';
import { jsonText } from '../folder/on-disk';
import { TRIAL_INVALID } from '../folder/outcome';
import type { Parameters } from '../strategies/strategy';

/** A trial as a strategy proposed it. */
export interface ProposedTrial {
  /** Name of the trial, such as `0001`. */
  readonly name: string;
  readonly parameters: Parameters;
}

/**
 * The text of a trial's `NNNN.json`: the complete configuration, with who set what is no default.
 *
 * @param base What every trial begins with; not to be changed afterwards.
 * @throws {UsageError} `TRIAL_INVALID` if the parameters do not fit the configuration, with all that is wrong.
 */
export function trialConfigText(
  base: ConfigWithOrigins<TrainingConfig>,
  { name, parameters }: ProposedTrial,
): string {
  const settings = Object.entries(parameters).map(([key, value]) => {
    return { path: segmentsOf(key), value, source: `trial ${name}` };
  });
  const layer: ConfigLayer = { layer: 'sweep', settings };
  try {
    return jsonText(trialDocument(extendConfig(base, layer)));
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    throw new UsageError(error.message, {
      code: TRIAL_INVALID,
      remedy:
        'correct the keys and values of the search; schema/config.schema.json describes them all',
      cause: error,
    });
  }
}

/** The path of a dotted key; indices lead into lists. */
export function segmentsOf(key: string): string[] {
  return key.replace(/\[(\d+)\]/g, '.$1').split('.');
}
