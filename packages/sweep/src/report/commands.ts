import type { SweepConfig, SweepParameter } from '@pixelis/config';
import { canonicalJson, type JsonValue } from '@pixelis/core';
import { trialName } from '../folder/sweep-names';
import { onOneLine } from './short-text';
import type { SweepSummary, TrialSummary } from './sweep-summary';

/** The file of a trial's configuration, from the root of the workspace. */
export function trialConfigPath({ tag }: Pick<SweepSummary, 'tag'>, trial: number): string {
  return `out/sweeps/${tag}/${trialName(trial)}.json`;
}

/** The parameters of a trial as overrides for a command line. */
export function overrides({ parameters }: Pick<TrialSummary, 'parameters'>): string {
  return Object.keys(parameters)
    .sort()
    .map((key) => word(`${key}=${valueText(parameters[key] ?? null)}`))
    .join(' ');
}

/**
 * The command that makes a sweep again, whatever its configuration came from: that of any of its trials holds all that none of
 * them varies.
 */
export function repeatCommand(
  summary: Pick<SweepSummary, 'tag' | 'mode'>,
  { seed, search, trial }: { seed: number; search: SweepConfig['sweep']; trial: number },
): string {
  const { strategy, trials, space, halving, metric, direction } = search;
  const option = (name: string, value: string | number): string =>
    `--${name} ${word(String(value))}`;
  return [
    'npx nx run sweep:default -- --new',
    option('config', trialConfigPath(summary, trial)),
    // Where no trial has another seed, its configuration holds the one of the strategy, and who set it.
    ...(Object.hasOwn(space, 'training.seed') ? [option('seed', seed)] : []),
    ...(strategy === 'grid' || trials === null ? [] : [option(strategy, trials)]),
    ...(strategy === 'tpe' ? [option('generation-size', search.generation_size)] : []),
    ...Object.keys(space)
      .sort()
      .flatMap((key) => spaceWord(key, space[key])),
    ...(halving === null
      ? []
      : [
          option('halving', halving.minimum_steps),
          option('reduction-factor', halving.reduction_factor),
        ]),
    option('metric', metric),
    option('direction', direction),
  ].join(' ');
}

function spaceWord(key: string, parameter: SweepParameter | undefined): string[] {
  if (parameter === undefined) return [];
  if ('values' in parameter)
    return [`--grid ${word(`${key}=${parameter.values.map(valueText).join(',')}`)}`];
  const { distribution, low, high, step } = parameter;
  const bounds = [low, high, ...(step === undefined ? [] : [step])].map(String);
  return [`--space ${word(`${key}=${[distribution.replace('_', '-'), ...bounds].join(':')}`)}`];
}

/** As the command line reads it: plain words as they are, all else as JSON. */
function valueText(value: JsonValue): string {
  const isPlain =
    typeof value === 'string' &&
    /^[A-Za-z_./][\w./-]*$/.test(value) &&
    !/^(?:true|false|null|yes|no|on|off|\.nan|\.inf)$/i.test(value);
  return isPlain ? value : canonicalJson(value);
}

/** A word of a POSIX shell, quoted if need be. */
function word(text: string): string {
  const line = onOneLine(text);
  return /^[\w=.,:/+-]+$/.test(line) ? line : `'${line.replaceAll("'", `'\\''`)}'`;
}
