import type { ConfigWithOrigins, TrainingConfig } from '@pixelis/config';
import { canonicalJson } from '@pixelis/core';
import { ensureTrialConfig } from '../folder/ensure-trial-config';
import type { SweepFolder } from '../folder/sweep-folder';
import { changedOrigins, readSearch, type SearchDocument } from '../folder/sweep-search';
import type { Parameters } from '../strategies/strategy';
import type { SweepListener } from '../sweep-event';
import type { SweepPlan } from '../sweep-plan';
import { trialConfigText } from './trial-config';

/** What {@link TrialConfigs} are made of. */
export interface TrialConfigsOptions {
  readonly folder: SweepFolder;
  readonly plan: Pick<SweepPlan, 'search' | 'texts'>;
  /** Whether what the plan knows was written by an earlier process, so that it must be looked at. */
  readonly isResumed: boolean;
  readonly onEvent: SweepListener;
}

/** The configurations of trials, each in its file. */
export class TrialConfigs {
  readonly #options: TrialConfigsOptions;
  readonly #base: ConfigWithOrigins<TrainingConfig>;
  /** Texts that are known already. */
  readonly #texts: SweepPlan['texts'];

  constructor(options: TrialConfigsOptions) {
    const { folder, plan, isResumed } = options;
    const { base } = plan.search;
    const known = isResumed ? readSearch(folder.searchPath) : undefined;
    const isOurs = known === undefined || areEqual(known.origins, changedOrigins(base.origins));
    this.#options = options;
    this.#base = isOurs ? base : withOrigins(base, known);
    this.#texts = isOurs ? plan.texts : new Map();
  }

  /**
   * Sees to it that the configuration of a trial stands in its file, and says so if it was damaged.
   *
   * @throws {UsageError} `TRIAL_INVALID` if the trial can have none.
   * @throws {IntegrityError} `SWEEP_CONFIG_CHANGED` if the file says something else.
   */
  ensure(trial: number, parameters: Parameters): void {
    const { folder, plan, isResumed, onEvent } = this.#options;
    if (!isResumed && plan.texts.has(trial)) return;
    const text =
      this.#texts.get(trial) ??
      trialConfigText(this.#base, { name: folder.name(trial), parameters });
    if (!ensureTrialConfig(folder, trial, text)) return;
    const message = `${folder.configPath(trial)} was damaged, as by a power cut, and is written again`;
    onEvent({ kind: 'warning', message });
  }
}

/** What is no default was set by whom the sweep was begun by. */
function withOrigins(
  base: ConfigWithOrigins<TrainingConfig>,
  { origins }: SearchDocument,
): ConfigWithOrigins<TrainingConfig> {
  const defaults = Object.entries(base.origins).filter(([, { layer }]) => layer === 'default');
  return { ...base, origins: { ...Object.fromEntries(defaults), ...origins } };
}

function areEqual(a: SearchDocument['origins'], b: SearchDocument['origins']): boolean {
  return canonicalJson(a) === canonicalJson(b);
}
