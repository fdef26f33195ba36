import type { LevelResult } from './benchmark-result';

/** What {@link evaluationReport} sums up. */
export interface ReportOptions {
  readonly levels: readonly LevelResult[];
  /** Lines of a name and what belongs to it. */
  readonly facts: readonly (readonly [string, string])[];
}

/** The text that a person reads at the end: accuracy by level and by kind of question, with its interval, beside chance. */
export function evaluationReport({ levels, facts }: ReportOptions): string {
  const rows = levels.flatMap(({ level, chance, kinds, ...all }) => [
    [level, 'all', percent(all.accuracy), interval(all), percent(chance), String(all.count)],
    ...Object.entries(kinds).map(([kind, score]) => [
      '', kind, percent(score.accuracy), interval(score), '', String(score.count),
    ]),
  ]); // prettier-ignore
  const table = [['level', 'task', 'accuracy', '95 % interval', 'chance', 'questions'], ...rows];
  const widths = (table[0] ?? []).map((_, column) =>
    Math.max(...table.map((row) => row[column]?.length ?? 0)),
  );
  const nameWidth = Math.max(...facts.map(([name]) => name.length));
  return [
    ...table.map((row) =>
      row
        .map((cell, column) =>
          column < 2 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0),
        )
        .join('  ')
        .trimEnd(),
    ),
    '',
    ...facts.map(([name, value]) => `${name.padEnd(nameWidth)}  ${value}`),
    '',
  ].join('\n');
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}

function interval({ low, high }: { low: number; high: number }): string {
  return `${(100 * low).toFixed(1)} – ${(100 * high).toFixed(1)}`;
}
