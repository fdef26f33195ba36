import { clipped, onOneLine, shortKeys, shortNumber, shortValue } from './short-text';
import { failedTrials, parameterKeys, rankedTrials, type SweepSummary } from './sweep-summary';

/** How large {@link sweepTable} may be. */
export interface SweepTableOptions {
  /** Characters of a line, at least 40. @default 100 */
  readonly width?: number;
  /** Trials that are shown at most, and as many failures. @default 10 */
  readonly rows?: number;
}

const WIDTH_MIN = 40;
const GAP = '  ';
/** A column of a parameter keeps at least so many characters. */
const COLUMN_MIN = 6;

/**
 * The best trials as a table for a terminal, the best first (ties by number), and below it the failures with their messages. The
 * last line has no line feed.
 *
 * @throws {RangeError} If `width` or `rows` is too small.
 */
export function sweepTable(
  summary: SweepSummary,
  { width = 100, rows = 10 }: SweepTableOptions = {},
): string {
  if (!(width >= WIDTH_MIN)) {
    throw new RangeError(
      `Cannot make a table: width must be >= ${WIDTH_MIN}: current value is ${width}`,
    );
  }
  if (!(rows >= 1)) {
    throw new RangeError(`Cannot make a table: rows must be >= 1: current value is ${rows}`);
  }
  const ranked = rankedTrials(summary);
  const lines =
    ranked.length === 0 ? ['no trial has a value yet'] : table(summary, { width, rows });
  if (ranked.length > rows) lines.push(`… and ${ranked.length - rows} more`);
  const failed = failedTrials(summary);
  for (const { trial, error, runId } of failed.slice(0, rows)) {
    const reason = error?.message ?? `the run ${runId} has no value of ${summary.metric}`;
    lines.push(clipped(`trial ${trial} failed: ${onOneLine(reason)}`, width));
  }
  if (failed.length > rows) lines.push(`… and ${failed.length - rows} more failed`);
  return lines.join('\n');
}

interface Column {
  readonly cells: readonly string[];
  readonly isNumeric: boolean;
  /** Whether it may be cut or left out. */
  readonly isParameter: boolean;
}

function table(
  summary: SweepSummary,
  { width, rows }: { readonly width: number; readonly rows: number },
): string[] {
  const shown = rankedTrials(summary).slice(0, rows);
  const column = (title: string, values: readonly string[]): Column => ({
    cells: [title, ...values],
    isNumeric: values.every((value) => /^-?\d/.test(value)),
    isParameter: false,
  });
  const names = shortKeys(parameterKeys(summary));
  const parameters = [...names].map(([key, name]) => ({
    ...column(
      onOneLine(name),
      shown.map(({ parameters: values }) => shortValue(values[key])),
    ),
    isParameter: true,
  }));
  const before = [
    column(
      'rank',
      shown.map((_, index) => String(index + 1)),
    ),
    column(
      'trial',
      shown.map(({ trial }) => String(trial)),
    ),
  ];
  const metric = clipped(onOneLine(summary.metric), Math.floor(width / 4));
  const after = [
    column(
      metric,
      shown.map(({ value }) => shortNumber(value)),
    ),
    column(
      'state',
      shown.map(({ state }) => state),
    ),
  ];
  const { kept, omitted } = fitted(parameters, { fixed: [...before, ...after], width });
  const columns = [...before, ...kept, ...after];
  const lines = [...shown.keys(), shown.length].map((line) =>
    columns
      .map(({ cells, isNumeric }) => {
        const cell = cells[line] ?? '';
        const columnWidth = widthOf(cells);
        const pad = ' '.repeat(columnWidth - lengthOf(cell));
        return isNumeric ? pad + cell : cell + pad;
      })
      .join(GAP)
      .trimEnd(),
  );
  if (omitted > 0) lines.push(`${omitted} of ${parameters.length} parameters do not fit here`);
  return lines;
}

/** Cuts the widest columns of parameters until the line fits; if they are all at their least, leaves out the last ones. */
function fitted(
  parameters: readonly Column[],
  { fixed, width }: { readonly fixed: readonly Column[]; readonly width: number },
): { kept: Column[]; omitted: number } {
  const sum = (widths: readonly number[]) =>
    widths.reduce((total, each) => total + each + GAP.length, 0);
  const room = width - sum(fixed.map(({ cells }) => widthOf(cells))) + GAP.length;
  const kept = [...parameters];
  while (kept.length > 0 && sum(kept.map(leastWidth)) > room) kept.pop();
  const widths = kept.map(({ cells }) => widthOf(cells));
  for (let excess = sum(widths) - room; excess > 0; excess -= 1) {
    const spare = kept.map((column, index) => {
      const current = widths[index] ?? 0;
      return current > leastWidth(column) ? current : 0;
    });
    const widest = spare.indexOf(Math.max(...spare));
    widths[widest] = (widths[widest] ?? 1) - 1;
  }
  return {
    kept: kept.map((column, index) => ({
      ...column,
      cells: column.cells.map((cell) => clipped(cell, widths[index] ?? 0)),
    })),
    omitted: parameters.length - kept.length,
  };
}

/** Titles and words may be cut, numbers may not: they would read as others. */
function leastWidth({ cells, isNumeric }: Column): number {
  const least = isNumeric ? Math.max(COLUMN_MIN, widthOf(cells.slice(1))) : COLUMN_MIN;
  return Math.min(least, widthOf(cells));
}

function widthOf(cells: readonly string[]): number {
  return cells.reduce((widest, cell) => Math.max(widest, lengthOf(cell)), 0);
}

function lengthOf(text: string): number {
  return Array.from(text).length;
}
