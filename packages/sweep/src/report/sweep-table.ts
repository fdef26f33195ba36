import { importanceCaution, importances } from './importances';
import { clipped, onOneLine, shortKeys, shortNumber, shortValue } from './short-text';
import {
  failedTrials,
  parameterKeys,
  rankedTrials,
  type SweepSummary,
  varyingKeys,
} from './sweep-summary';

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
 * The best trials as a table for a terminal, the best first (ties by number), and below it the failures with their messages. A
 * parameter that is equal in all trials has no column; where the line is too short, the last ones have none, or those that matter
 * least where there are trials enough to tell. Steps have one where they differ. The last line has no line feed.
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
  const { lines, notes } =
    ranked.length === 0
      ? { lines: ['no trial has a value yet'], notes: [] }
      : table(summary, { width, rows });
  if (ranked.length > rows) lines.push(`… and ${ranked.length - rows} more`);
  lines.push(...notes.map((note) => clipped(note, width)));
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
  /** Name of the parameter that it shows. */
  readonly name: string;
}

function table(
  summary: SweepSummary,
  { width, rows }: { readonly width: number; readonly rows: number },
): { readonly lines: string[]; readonly notes: readonly string[] } {
  const shown = rankedTrials(summary).slice(0, rows);
  const names = shortKeys(parameterKeys(summary));
  const keys = varyingKeys(summary);
  const parameters = keys.map((key) =>
    columnOf(
      onOneLine(names.get(key) ?? key),
      shown.map(({ parameters: values }) => shortValue(values[key])),
    ),
  );
  const before = [
    columnOf(
      'rank',
      Array.from(shown.keys(), (index) => String(index + 1)),
    ),
    columnOf(
      'trial',
      shown.map(({ trial }) => String(trial)),
    ),
  ];
  const metric = clipped(onOneLine(summary.metric), Math.floor(width / 4));
  const result = columnOf(
    metric,
    shown.map(({ value }) => shortNumber(value)),
  );
  const steps = columnOf(
    'steps',
    shown.map(({ steps: count }) => String(count)),
  );
  const state = columnOf(
    'state',
    shown.map((trial) => trial.state),
  );
  const areStepsEqual = new Set(rankedTrials(summary).map((trial) => trial.steps)).size < 2;
  const withSteps = spanOf([...before, result, steps, state].map(widthOf));
  const after = areStepsEqual || withSteps > width ? [result, state] : [result, steps, state];
  const kept = fitted(parameters, {
    room: width - spanOf([...before, ...after].map(widthOf)) - GAP.length,
    dispensable: lastNeeded(summary, keys).map((key) => keys.indexOf(key)),
  });
  const columns = [...before, ...kept, ...after];
  const keptNames = new Set(kept.map(({ name }) => name));
  const omitted = parameters.map(({ name }) => name).filter((name) => !keptNames.has(name));
  return {
    lines: [...shown.keys(), shown.length].map((line) => lineOf(columns, line)),
    notes: [
      ...(omitted.length === 0 ? [] : [`no room for: ${omitted.join(', ')}`]),
      ...equalNotes(summary, names),
    ],
  };
}

function equalNotes(summary: SweepSummary, names: ReadonlyMap<string, string>): string[] {
  const varying = varyingKeys(summary);
  const equal = parameterKeys(summary).filter((key) => !varying.includes(key));
  if (equal.length === 0) return [];
  const values = summary.trials[0]?.parameters ?? {};
  const texts = equal.map(
    (key) => `${onOneLine(names.get(key) ?? key)} ${shortValue(values[key])}`,
  );
  return [`equal in all trials: ${texts.join(', ')}`];
}

function columnOf(name: string, values: readonly string[]): Column {
  return {
    name,
    cells: [name, ...values],
    isNumeric: values.every((value) => /^-?\d/.test(value)),
  };
}

function lineOf(columns: readonly Column[], line: number): string {
  const cells = columns.map(({ cells: all, isNumeric }) => {
    const cell = all[line] ?? '';
    const pad = ' '.repeat(widthOf({ cells: all }) - lengthOf(cell));
    return isNumeric ? pad + cell : cell + pad;
  });
  return cells.join(GAP).trimEnd();
}

/** The keys, the last first; where their importance is a finding and no hint, the least important first. */
function lastNeeded(summary: SweepSummary, keys: readonly string[]): string[] {
  const found = importances(summary);
  const last = [...keys].reverse();
  if (importanceCaution(found) !== undefined) return last;
  const shares = new Map(found.parameters.map(({ key, share }) => [key, share]));
  return last.sort((a, b) => (shares.get(a) ?? 0) - (shares.get(b) ?? 0));
}

interface FittedOptions {
  /** Characters that there are. */
  readonly room: number;
  /** Indices of the columns in the order in which they may be left out. */
  readonly dispensable: readonly number[];
}

/** Cuts the widest columns until the line fits; if they are all at their least, leaves some out. */
function fitted(columns: readonly Column[], { room, dispensable }: FittedOptions): Column[] {
  const omitted = new Set<number>();
  const remaining = () => columns.filter((_, index) => !omitted.has(index));
  for (const index of dispensable) {
    if (spanOf(remaining().map(leastWidth)) <= room) break;
    omitted.add(index);
  }
  const kept = remaining();
  const widths = kept.map(widthOf);
  for (let excess = spanOf(widths) - room; kept.length > 0 && excess > 0; excess -= 1) {
    const spare = kept.map((column, index) => {
      const current = widths[index] ?? 0;
      return current > leastWidth(column) ? current : 0;
    });
    const widest = spare.indexOf(Math.max(...spare));
    widths[widest] = (widths[widest] ?? 1) - 1;
  }
  return kept.map((column, index) => ({
    ...column,
    cells: column.cells.map((cell) => clipped(cell, widths[index] ?? 0)),
  }));
}

/** Characters of columns of these widths side by side. */
function spanOf(widths: readonly number[]): number {
  return widths.reduce((total, width) => total + width + GAP.length, 0) - GAP.length;
}

/** Titles and words may be cut, numbers may not: they would read as others. */
function leastWidth({ cells, isNumeric }: Column): number {
  const values = widthOf({ cells: cells.slice(1) });
  const least = isNumeric ? Math.max(COLUMN_MIN, values) : COLUMN_MIN;
  return Math.min(least, widthOf({ cells }));
}

function widthOf({ cells }: Pick<Column, 'cells'>): number {
  return cells.reduce((widest, cell) => Math.max(widest, lengthOf(cell)), 0);
}

function lengthOf(text: string): number {
  return Array.from(text).length;
}
