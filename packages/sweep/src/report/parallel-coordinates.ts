import { type Axis, metricAxis, parameterAxis } from './axis';
import { scaleColour } from './colour-scale';
import { clipped, onOneLine, shortKeys, shortNumber, shortValue } from './short-text';
import { escaped, fixed, svgDocument, svgText } from './svg';
import {
  failedTrials,
  parameterKeys,
  rankedTrials,
  type SweepSummary,
  type TrialSummary,
  type ValuedTrial,
} from './sweep-summary';

const WIDTH_MIN = 800;
const AXIS_HEIGHT = 300;
const MARGIN = { left: 72, right: 72 };
/** Axes that are nearer write over each other; the sheet gets wider instead. */
const SPACING_MIN = 64;
/** Mean width of a character, in pixels, of text in 11 and 10 pixels. */
const CHARACTER = { label: 6.1, tick: 5.6 };
const LABEL_LENGTH_MAX = 24;
const GREY = '#57606a';
/** Behind text, so that lines do not cross it. */
const HALO = 'stroke="white" stroke-width="3" stroke-linejoin="round" paint-order="stroke"';

/** An axis at its place on the sheet. */
interface PlacedAxis {
  readonly key: string;
  readonly label: string;
  readonly axis: Axis;
  readonly x: number;
}

interface Sheet {
  readonly width: number;
  readonly top: number;
  readonly bottom: number;
  readonly spacing: number;
  readonly areLabelsSlanted: boolean;
  readonly parameters: readonly PlacedAxis[];
  readonly metric: PlacedAxis;
}

/**
 * Draws the trials of a sweep as SVG: an axis for each parameter and one for the metric, a line for each trial in the
 * colour of its value, dark for the best, which are drawn last; failed ones grey and dashed. Equal trials give equal bytes, in
 * whatever order they come.
 */
export function parallelCoordinates(summary: SweepSummary): string {
  const ranked = rankedTrials(summary);
  const failed = failedTrials(summary);
  const sheet = layOut(summary, ranked);
  const counts = countsOf(ranked, failed);
  return svgDocument({
    id: 'parallel-coordinates',
    width: sheet.width,
    height: sheet.bottom + 56,
    title: `Sweep ${summary.tag}`,
    description: `Parallel coordinates of ${counts}: ${parameterKeys(summary).join(', ')} and ${summary.metric}, ${bestWord(summary)}.`,
    content: [
      svgText(16, 24, clipped(`Sweep ${summary.tag}`, 100), 'font-size="14" font-weight="bold"'),
      svgText(16, 42, counts, `fill="${GREY}"`),
      ...sheet.parameters.flatMap((placed) => axisLine(placed, sheet)),
      ...metricBar(summary, sheet, ranked.length > 0),
      ...failed.map((trial) => failedLine(trial, sheet)),
      ...ranked
        .map((trial, index) => valuedLine(trial, { summary, sheet, ranked, index }))
        .reverse(),
      ...sheet.parameters.flatMap((placed) => axisTexts(placed, sheet)),
      ...metricTexts(summary, sheet, {
        isEmpty: ranked.length === 0,
        hasFailed: failed.length > 0,
      }),
    ],
  });
}

function layOut(summary: SweepSummary, ranked: readonly ValuedTrial[]): Sheet {
  const keys = parameterKeys(summary);
  const names = shortKeys(keys);
  const width = Math.max(WIDTH_MIN, MARGIN.left + MARGIN.right + SPACING_MIN * keys.length);
  const spacing = (width - MARGIN.left - MARGIN.right) / Math.max(1, keys.length);
  const parameters = keys.flatMap((key, index): PlacedAxis[] => {
    const parameter = summary.space[key];
    if (parameter === undefined) return [];
    const axis = parameterAxis(
      parameter,
      summary.trials.flatMap(({ parameters: values }) => values[key] ?? []),
    );
    const label = `${onOneLine(names.get(key) ?? key)}${axis.isLog ? ' (log)' : ''}`;
    return [{ key, label, axis, x: MARGIN.left + index * spacing }];
  });
  const axis = metricAxis(ranked.map(({ value }) => value));
  const metric = { key: summary.metric, label: summary.metric, axis, x: width - MARGIN.right };
  const room = Math.min(spacing - 10, 2 * MARGIN.left - 16);
  const areLabelsSlanted = parameters.some(({ label }) => label.length * CHARACTER.label > room);
  const top = areLabelsSlanted ? 168 : 84;
  return { width, top, bottom: top + AXIS_HEIGHT, spacing, areLabelsSlanted, parameters, metric };
}

function countsOf(ranked: readonly ValuedTrial[], failed: readonly TrialSummary[]): string {
  const stopped = ranked.filter(({ state }) => state === 'STOPPED').length;
  const parts = [
    `${ranked.length - stopped} completed`,
    ...(stopped > 0 ? [`${stopped} stopped early (thin lines)`] : []),
    ...(failed.length > 0 ? [`${failed.length} failed (grey, dashed)`] : []),
  ];
  const total = ranked.length + failed.length;
  return `${total} trial${total === 1 ? '' : 's'}: ${parts.join(', ')}`;
}

function axisLine({ x, axis }: PlacedAxis, sheet: Sheet): string[] {
  const marks = axis.ticks.map(
    ({ position }) => `M${fixed(x - 4)} ${fixed(yOf(position, sheet))}h4`,
  );
  return [
    `<path d="M${fixed(x)} ${sheet.top}V${sheet.bottom}${marks.join('')}" fill="none" stroke="#8c959f"/>`,
  ];
}

/** Above the lines, so that they stay readable however many there are. */
function axisTexts({ key, x, label, axis }: PlacedAxis, sheet: Sheet): string[] {
  const room = Math.max(3, Math.floor((sheet.spacing - 10) / CHARACTER.tick));
  const ticks = axis.ticks.map(({ position, text }) =>
    svgText(
      x - 6,
      yOf(position, sheet) + 3.5,
      clipped(text, Math.min(room, 11)),
      `text-anchor="end" font-size="10" ${HALO}`,
    ),
  );
  const y = sheet.top - 12;
  const place = sheet.areLabelsSlanted
    ? `font-weight="bold" transform="rotate(-40 ${fixed(x)} ${y})"`
    : 'font-weight="bold" text-anchor="middle"';
  const text = escaped(clipped(label, LABEL_LENGTH_MAX));
  const name = `<text x="${fixed(x)}" y="${y}" ${place}>${text}<title>${escaped(key)}</title></text>`;
  return [...ticks, name];
}

/** The axis of the metric in the colours of the lines: their legend. */
function metricBar(summary: SweepSummary, sheet: Sheet, hasColours: boolean): string[] {
  const { x } = sheet.metric;
  if (!hasColours)
    return axisLine({ ...sheet.metric, axis: { ...sheet.metric.axis, ticks: [] } }, sheet);
  const bands = 30;
  return Array.from({ length: bands }, (_, band) => {
    const colour = scaleColour(distanceFromBest((band + 0.5) / bands, summary));
    const height = AXIS_HEIGHT / bands;
    const y = sheet.bottom - (band + 1) * height;
    return `<rect x="${fixed(x)}" y="${fixed(y)}" width="8" height="${fixed(height + 0.5)}" fill="${colour}"/>`;
  });
}

function metricTexts(
  summary: SweepSummary,
  sheet: Sheet,
  { isEmpty, hasFailed }: { readonly isEmpty: boolean; readonly hasFailed: boolean },
): string[] {
  const { x, axis } = sheet.metric;
  const ticks = (isEmpty ? [] : axis.ticks).map(({ position, text }) =>
    svgText(x + 12, yOf(position, sheet) + 3.5, clipped(text, 10), 'font-size="10"'),
  );
  const name = `${onOneLine(summary.metric)}${axis.isLog ? ' (log)' : ''}`;
  const label = `${clipped(name, 60)}, ${bestWord(summary)}`;
  return [
    ...ticks,
    ...(hasFailed
      ? [svgText(x + 4, sheet.bottom + 22, 'failed', `fill="${GREY}" font-size="10"`)]
      : []),
    svgText(sheet.width - 16, sheet.bottom + 44, label, 'text-anchor="end" font-weight="bold"'),
  ];
}

function failedLine(trial: TrialSummary, sheet: Sheet): string {
  const points = [
    ...pointsOf(trial, sheet),
    `${fixed(sheet.metric.x)},${fixed(sheet.bottom + 18)}`,
  ];
  return polyline(
    points,
    'stroke="#8c959f" stroke-width="1" stroke-dasharray="4 3" stroke-opacity="0.7"',
    `${describe(trial)}, ${trial.error?.code ?? 'no value'}`,
  );
}

function valuedLine(
  trial: ValuedTrial,
  {
    summary,
    sheet,
    ranked,
    index,
  }: {
    readonly summary: SweepSummary;
    readonly sheet: Sheet;
    readonly ranked: readonly ValuedTrial[];
    /** Rank of the trial, from 0. */
    readonly index: number;
  },
): string {
  const position = sheet.metric.axis.positionOf(trial.value) ?? 0.5;
  // Where many lines lie on each other, those that matter less step back.
  const isAmongBest = index < Math.max(1, ranked.length / 10);
  const opacity = ranked.length <= 30 || isAmongBest ? 1 : ranked.length <= 150 ? 0.7 : 0.25;
  const width = index === 0 ? 3 : trial.state === 'STOPPED' ? 0.8 : ranked.length <= 150 ? 1.6 : 1;
  const points = [
    ...pointsOf(trial, sheet),
    `${fixed(sheet.metric.x)},${fixed(yOf(position, sheet))}`,
  ];
  const colour = scaleColour(distanceFromBest(position, summary));
  return polyline(
    points,
    `stroke="${colour}" stroke-width="${width}" stroke-opacity="${opacity}" stroke-linejoin="round"`,
    `${describe(trial)}, ${summary.metric} ${shortNumber(trial.value)}`,
  );
}

function pointsOf({ parameters }: TrialSummary, sheet: Sheet): string[] {
  return sheet.parameters.flatMap(({ key, axis, x }) => {
    const position = axis.positionOf(parameters[key]);
    return position === undefined ? [] : [`${fixed(x)},${fixed(yOf(position, sheet))}`];
  });
}

function polyline(points: readonly string[], attributes: string, title: string): string {
  return `<polyline points="${points.join(' ')}" fill="none" ${attributes}><title>${escaped(onOneLine(title))}</title></polyline>`;
}

function describe({ trial, state, parameters }: TrialSummary): string {
  const values = Object.keys(parameters)
    .sort()
    .map((key) => `${key} ${clipped(shortValue(parameters[key]), 40)}`);
  return `trial ${trial} (${state.toLowerCase()}): ${values.join(', ')}`;
}

function yOf(position: number, { bottom }: Sheet): number {
  return bottom - position * AXIS_HEIGHT;
}

/** From 0, the best, to 1. */
function distanceFromBest(position: number, { direction }: SweepSummary): number {
  return direction === 'min' ? position : 1 - position;
}

function bestWord({ direction }: SweepSummary): string {
  return direction === 'min' ? 'the smaller the better' : 'the larger the better';
}
