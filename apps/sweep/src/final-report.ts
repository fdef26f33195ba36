import { relative } from 'node:path';
import { type SweepResult, sweepSummary, sweepTable } from '@pixelis/sweep';

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
