import { EXIT_CODES } from '@pixelis/core';
import type { SweepFolder } from '../folder/sweep-folder';
import type { SweepManifest, SweepManifestTrial } from '../folder/sweep-manifest';
import { readLoggedError } from './logged-error';

/** What {@link failedSweepRemedy} goes by: a part of the sweep's manifest. */
export interface SweepWithoutResult {
  readonly trials: readonly Pick<SweepManifestTrial, 'trial' | 'error'>[];
  readonly search: Pick<SweepManifest['search'], 'strategy' | 'halving'>;
}

/** Advice for a single run: a trial is not begun again by itself. */
const NEW_RUN = /[;,][^;,]*--new\b[^;,]*/g;

/**
 * How to mend a sweep of which all trials failed, in one line: first what the trials say themselves, if all of them say the same.
 *
 * @param folder The folder of the sweep, whose logs are read if they are there.
 */
export function failedSweepRemedy(
  folder: SweepFolder,
  { trials, search: { strategy, halving } }: SweepWithoutResult,
): string {
  const own = commonRemedy(folder, trials);
  const canRetry = strategy !== 'tpe' && halving === null;
  const another =
    'begin another sweep with another --tag' + (own === undefined ? ' and other settings' : '');
  const outside = canRetry
    ? `if the cause is not in the configuration, mend it and repeat the command with --tag ${folder.tag} --retry-failed`
    : `if the cause is not in the configuration, mend it first`;
  const begin = `${own === undefined ? '' : `${own}: then `}${another}`;
  // What refused a configuration refuses it again.
  const isRefused = trials.every(({ error }) => error?.exit_code === EXIT_CODES.usage);
  return isRefused ? begin : `${begin}; ${outside}`;
}

/** Undefined if trials say different things, or one says nothing. */
function commonRemedy(
  folder: SweepFolder,
  trials: SweepWithoutResult['trials'],
): string | undefined {
  const remedies = trials.map(({ trial, error }) => {
    const logged = error === null ? undefined : readLoggedError(folder.logPath(trial));
    return logged?.code === error?.code ? logged?.remedy : undefined;
  });
  const [first, ...others] = new Set(remedies);
  return others.length > 0 ? undefined : first?.replace(NEW_RUN, '').replace(/[.\s]+$/, '');
}
