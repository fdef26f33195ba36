import { relative } from 'node:path';
import { type SweepResult, sweepSummary, sweepTable } from '@pixelis/sweep';
import { formatDuration } from './display-text';

/** The text that a person reads at the end: the best trials, and where all is. */
export function finalReport(
  { folder, manifest, trials }: SweepResult,
  { width }: { readonly width: number },
): string {
  const directory = shown(folder.directory);
  if (manifest === null) return [`${trials} configurations in ${directory}`, ''].join('\n');
  const best = manifest.trials.find(({ trial }) => trial === manifest.best);
  const facts = [
    ['sweep', manifest.tag],
    ...(best === undefined
      ? []
      : [['best', `run ${best.run_id} of ${directory}/${best.config_path}`]]),
    ['report', `${directory}/${manifest.report_path}`],
  ];
  return [
    sweepTable(sweepSummary(manifest), { width }),
    '',
    ...facts.map(([name = '', value = '']) => `${name.padEnd(8)}${value}`),
    '',
  ].join('\n');
}

/**
 * How long trials ran, as far as that is known. It is no part of the report, which a sweep that was interrupted ends with just as
 * one that was not.
 */
export function timeReport(durationsMs: ReadonlyMap<number, number>): string[] {
  const known = [...durationsMs.values()].sort((a, b) => a - b);
  const [shortest, longest] = [known[0], known.at(-1)];
  if (shortest === undefined || longest === undefined) return [];
  const [from, to] = [formatDuration(shortest), formatDuration(longest)];
  if (known.length === 1) return [`1 trial ran for ${from}`];
  return [`${known.length} trials ran for ${from === to ? from : `${from} to ${to}`} each`];
}

/** What `--json` prints. */
export function jsonReport({ folder, status, manifest }: SweepResult): string {
  const trials = manifest?.trials ?? [];
  const result = {
    tag: folder.tag,
    sweep_dir: shown(folder.directory),
    status,
    best: trials.find(({ trial }) => trial === manifest?.best) ?? null,
    trials,
  };
  return `${JSON.stringify(result)}\n`;
}

/** A path as the user would write it. */
function shown(path: string): string {
  return relative('', path) || '.';
}
