import type { SweepParameter } from '@pixelis/config';
import type { JsonValue } from '@pixelis/core';
import { trialName } from '../folder/sweep-names';
import { overrides, repeatCommand, trialConfigPath } from './commands';
import { IMPORTANCE_SOURCE, importanceCaution, importances } from './importances';
import { seedSpreads } from './seed-spread';
import { clipped, onOneLine, shortNumber, shortValue } from './short-text';
import {
  failedTrials,
  parameterKeys,
  rankedTrials,
  type SweepSummary,
  type TrialSummary,
  type ValuedTrial,
} from './sweep-summary';

/** Trials that the report lists at most. */
const ROWS_MAX = 100;

/**
 * `report.md`: what was searched, the best trial and the command that trains it again, the spread over seeds, all trials
 * (the best 100), what failed, how much each parameter matters, and the command that makes the sweep again. It holds no time and no path of the machine, so equal sweeps have equal reports.
 */
export function sweepReport(summary: SweepSummary): string {
  const ranked = rankedTrials(summary);
  const sections = [
    [`# Sweep ${summary.tag}`],
    overview(summary, ranked),
    searchSection(summary),
    bestSection(summary, ranked),
    seedSection(summary),
    trialsSection(summary, ranked),
    failuresSection(summary),
    importanceSection(summary),
    repeatSection(summary, ranked),
  ];
  return `${sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')}\n`;
}

function overview(summary: SweepSummary, ranked: readonly ValuedTrial[]): string[] {
  const stopped = ranked.filter(({ state }) => state === 'STOPPED').length;
  const failed = summary.trials.length - ranked.length;
  const counts = [
    `${ranked.length - stopped} completed`,
    ...(stopped > 0 ? [`${stopped} stopped early`] : []),
    ...(failed > 0 ? [`${failed} failed`] : []),
  ];
  const better = summary.direction === 'min' ? 'smaller' : 'larger';
  return [
    `${summary.trials.length} trial${summary.trials.length === 1 ? '' : 's'}: ${counts.join(', ')}. Compared by ${code(summary.metric)}: the ${better} the better.`,
  ];
}

function searchSection(summary: SweepSummary): string[] {
  const rows = parameterKeys(summary).map((key) => [code(key), searched(summary.space[key])]);
  return ['## What was searched', '', ...markdownTable(['parameter', 'values'], rows)];
}

function searched(parameter: SweepParameter | undefined): string {
  if (parameter === undefined) return '';
  if ('values' in parameter) return parameter.values.map(cellText).join(', ');
  const { distribution, low, high, step } = parameter;
  const steps = step === undefined ? '' : ` in steps of ${String(step)}`;
  return `${plain(distribution)} from ${String(low)} to ${String(high)}${steps}`;
}

function bestSection(summary: SweepSummary, ranked: readonly ValuedTrial[]): string[] {
  const [best] = ranked;
  if (best === undefined) return ['## The best trial', '', 'No trial has a value.'];
  const values = parameterKeys(summary).map((key) => [code(key), fullText(best.parameters[key])]);
  const results = Object.keys(best.results ?? {})
    .sort()
    .map((key) => [code(key), fullText(best.results?.[key])]);
  return [
    '## The best trial',
    '',
    `Trial ${best.trial}, run ${code(best.runId)}: ${code(summary.metric)} is ${String(best.value)} after ${best.steps} steps.`,
    '',
    ...markdownTable(['parameter', 'value'], values),
    '',
    'This trains it again, from the root of the workspace (with the folder of `--out` in place of `out`, if it was given):',
    '',
    '```bash',
    `npx nx run train:${summary.mode} -- --new --config ${trialConfigPath(summary, best.trial)}`,
    '```',
    ...(values.length === 0
      ? []
      : [
          '',
          'Its values alone, for another configuration:',
          '',
          '```text',
          overrides(best),
          '```',
        ]),
    ...(results.length > 0 ? ['', ...markdownTable(['result', 'value'], results)] : []),
  ];
}

/** What a sweep over seeds is made for: how far apart equal trials lie. */
function seedSection(summary: SweepSummary): string[] {
  const spreads = seedSpreads(summary);
  if (spreads.length === 0) return [];
  const keys = parameterKeys(summary).filter((key) => key !== 'training.seed');
  const rows = spreads
    .slice(0, ROWS_MAX)
    .map(({ parameters, count, others, mean, deviation, least, greatest }) => [
      ...keys.map((key) => cellText(parameters[key])),
      others === 0 ? String(count) : `${count} of ${count + others}`,
      shortNumber(mean),
      deviation === null ? '-' : shortNumber(deviation),
      shortNumber(least),
      shortNumber(greatest),
    ]);
  const rest = spreads.length - rows.length;
  const titles = [...keys.map(code), 'seeds', 'mean', 'standard deviation', 'least', 'greatest'];
  return [
    '## Spread over seeds',
    '',
    `${code(summary.metric)} of complete trials that differ in ${code('training.seed')} alone, the best mean first. The standard deviation is that of a sample (divided by n − 1).`,
    '',
    ...markdownTable(titles, rows),
    ...(rest > 0 ? ['', `${rest} more combinations, all worse, are in \`manifest.json\`.`] : []),
  ];
}

function trialsSection(summary: SweepSummary, ranked: readonly ValuedTrial[]): string[] {
  if (ranked.length === 0) return [];
  const keys = parameterKeys(summary);
  const titles = ['rank', 'trial', ...keys.map(code), code(summary.metric), 'steps', 'state'];
  const rows = ranked
    .slice(0, ROWS_MAX)
    .map(({ trial, parameters, value, steps, state }, index) => [
      String(index + 1),
      String(trial),
      ...keys.map((key) => cellText(parameters[key])),
      shortNumber(value),
      String(steps),
      state,
    ]);
  const rest = ranked.length - rows.length;
  return [
    '## Trials',
    '',
    '![Parallel coordinates of the trials](figures/parallel-coordinates.svg)',
    '',
    ...markdownTable(titles, rows),
    ...(rest > 0 ? ['', `${rest} more trials, all worse, are in \`manifest.json\`.`] : []),
  ];
}

function failuresSection(summary: SweepSummary): string[] {
  const failed = failedTrials(summary);
  if (failed.length === 0) return [];
  const keys = parameterKeys(summary);
  const rows = failed
    .slice(0, ROWS_MAX)
    .map((trial) => [
      String(trial.trial),
      ...keys.map((key) => cellText(trial.parameters[key])),
      ...reasonOf(trial, summary),
      code(`logs/${trialName(trial.trial)}.log`),
    ]);
  const rest = failed.length - rows.length;
  return [
    '## Failures',
    '',
    'What a trial printed, if it was started at all, is in its log, beside this report.',
    '',
    ...markdownTable(['trial', ...keys.map(code), 'code', 'message', 'log'], rows),
    ...(rest > 0 ? ['', `${rest} more failures are in \`manifest.json\`.`] : []),
  ];
}

function reasonOf({ error }: TrialSummary, { metric }: SweepSummary): [string, string] {
  if (error === undefined) return ['', `no value of ${code(metric)}`];
  return [code(error.code), plain(clipped(onOneLine(error.message), 300))];
}

function importanceSection(summary: SweepSummary): string[] {
  const found = importances(summary);
  const { parameters, best, trials, reason } = found;
  const caution = importanceCaution(found);
  if (parameters.length === 0) return [];
  const rows = parameters.map(({ key, share, reason: why = '' }) => [
    code(key),
    share === null ? why : `${(share * 100).toFixed(1)} %`,
  ]);
  return [
    '## Importance',
    '',
    ...(reason === undefined
      ? [
          `The share of each parameter in what sets the best ${best} of ${trials} trials apart from all of them, by ${IMPORTANCE_SOURCE}. ${caution ?? ''}`.trimEnd(),
        ]
      : [`The importance of the parameters cannot be told: ${reason}.`]),
    '',
    '![Importance of the parameters](figures/importance.svg)',
    '',
    ...markdownTable(['parameter', 'importance'], rows),
  ];
}

function repeatSection(summary: SweepSummary, ranked: readonly ValuedTrial[]): string[] {
  const { made } = summary;
  const [best] = ranked;
  if (made === undefined || best === undefined) return [];
  return [
    '## The same sweep again',
    '',
    'The same trials, from the root of the workspace, as another sweep:',
    '',
    '```bash',
    repeatCommand(summary, { ...made, trial: best.trial }),
    '```',
  ];
}

function markdownTable(titles: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(titles), line(titles.map(() => '---')), ...rows.map(line)];
}

/** A short value in a cell; what is cut there stands in the trial's file. */
function cellText(value: JsonValue | undefined): string {
  return plain(clipped(shortValue(value), 60));
}

/** A value with all its digits. */
function fullText(value: JsonValue | undefined): string {
  return plain(typeof value === 'number' ? String(value) : clipped(shortValue(value), 300));
}

/** Text that Markdown takes for nothing but text, even in a table. */
function plain(text: string): string {
  return text.replace(/[\\`*{}[\]<>#|~&!]|(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])/gu, '\\$&');
}

/** Text in a code span of a table: CommonMark keeps all of it but a line's end; a bar is escaped for the table. */
function code(text: string): string {
  const line = onOneLine(text);
  const longest = Math.max(0, ...Array.from(line.matchAll(/`+/g), ([run]) => run.length));
  const fence = '`'.repeat(longest + 1);
  const inner = line.includes('`') ? ` ${line} ` : line;
  return `${fence}${inner.replaceAll('|', '\\|')}${fence}`;
}
