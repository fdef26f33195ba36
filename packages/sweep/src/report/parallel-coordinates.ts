import { type Axis, metricAxis, parameterAxis } from './axis';
import { scaleColour } from './colour-scale';
import {
  clipped,
  clippedMiddle,
  onOneLine,
  shortKeys,
  shortNumber,
  shortValue,
} from './short-text';
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
/** The left one grows with the labels of the first axis. The right one holds those of the metric, and its name upright. */
const MARGIN = { left: 72, leftMost: 176, right: 96 };
const TICK_LENGTH_MAX = 24;
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
  readonly left: number;
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
    height: sheet.bottom + 40,
    title: `Sweep ${summary.tag}`,
    description: `Parallel coordinates of ${counts}: ${parameterKeys(summary).join(', ')} and ${summary.metric}, ${bestWord(summary)}.`,
    content: [
      svgText(16, 24, clipped(`Sweep ${summary.tag}`, 100), 'font-size="14" font-weight="bold"'),
      svgText(16, 42, counts, `fill="${GREY}"`),
      svgText(16, 59, clipped(bestLine(summary, ranked), 120), `fill="${GREY}"`),
      ...sheet.parameters.flatMap((placed) => axisLine(placed, sheet)),
      ...metricBar(summary, sheet, ranked.length > 0),
      ...failed.map((trial) => failedLine(trial, sheet)),
      ...ranked
        .map((trial, index) => valuedLine(trial, { summary, sheet, ranked, index }))
        .reverse(),
      ...ranked.slice(0, 1).map((trial) => bestMark(trial, { summary, sheet })),
      ...sheet.parameters.flatMap((placed) => axisTexts(placed, sheet)),
      ...metricTexts(sheet, {
        isEmpty: ranked.length === 0,
        hasFailed: failed.length > 0,
      }),
    ],
  });
}

function layOut(summary: SweepSummary, ranked: readonly ValuedTrial[]): Sheet {
  const keys = parameterKeys(summary);
  const names = shortKeys(keys);
  const axes = keys.flatMap((key) => {
    const parameter = summary.space[key];
    if (parameter === undefined) return [];
    const observed = summary.trials.map(({ parameters: values }) => values[key]);
    const axis = parameterAxis(
      parameter,
      observed.filter((value) => value !== undefined),
    );
    return [
      { key, axis, label: `${onOneLine(names.get(key) ?? key)}${axis.isLog ? ' (log)' : ''}` },
    ];
  });
  const left = leftMargin(axes[0]?.axis);
  const width = Math.max(WIDTH_MIN, left + MARGIN.right + SPACING_MIN * keys.length);
  const spacing = (width - left - MARGIN.right) / Math.max(1, keys.length);
  const parameters = axes.map((placed, index) => ({ ...placed, x: left + index * spacing }));
  const axis = metricAxis(ranked.map(({ value }) => value));
  const label = `${clippedMiddle(onOneLine(summary.metric), 38)}${axis.isLog ? ' (log)' : ''}`;
  const metric = { key: summary.metric, label, axis, x: width - MARGIN.right };
  const room = Math.min(spacing - 10, 2 * left - 16);
  const areLabelsSlanted = parameters.some((one) => one.label.length * CHARACTER.label > room);
  const top = areLabelsSlanted ? 184 : 100;
  const bottom = top + AXIS_HEIGHT;
  return { width, top, bottom, left, spacing, areLabelsSlanted, parameters, metric };
}

function leftMargin(first: Axis | undefined): number {
  const lengths = (first?.ticks ?? []).map(({ text }) => Array.from(text).length);
  const longest = Math.min(TICK_LENGTH_MAX, Math.max(0, ...lengths));
  return Math.min(MARGIN.leftMost, Math.max(MARGIN.left, 24 + longest * CHARACTER.tick));
}

/** Which line is the thick one. */
function bestLine(summary: SweepSummary, [best]: readonly ValuedTrial[]): string {
  const metric = clipped(onOneLine(summary.metric), 60);
  if (best === undefined) return `no trial has a value of ${metric}; ${bestWord(summary)}`;
  return `best: trial ${best.trial} (thick line), ${metric} ${shortNumber(best.value)}; ${bestWord(summary)}`;
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
  const space = x === sheet.left ? sheet.left - 22 : sheet.spacing - 10;
  const room = Math.min(TICK_LENGTH_MAX, Math.max(3, Math.floor(space / CHARACTER.tick)));
  const ticks = axis.ticks.map(({ position, text }) =>
    svgText(
      x - 6,
      yOf(position, sheet) + 3.5,
      clippedMiddle(text, room),
      `text-anchor="end" font-size="10" ${HALO}`,
    ),
  );
  const y = sheet.top - 12;
  const place = sheet.areLabelsSlanted
    ? `font-weight="bold" transform="rotate(-40 ${fixed(x)} ${y})"`
    : 'font-weight="bold" text-anchor="middle"';
  const text = escaped(clippedMiddle(label, LABEL_LENGTH_MAX));
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
  sheet: Sheet,
  { isEmpty, hasFailed }: { readonly isEmpty: boolean; readonly hasFailed: boolean },
): string[] {
  const { x, label, axis } = sheet.metric;
  const ticks = (isEmpty ? [] : axis.ticks).map(({ position, text }) =>
    svgText(x + 12, yOf(position, sheet) + 3.5, clipped(text, 10), 'font-size="10"'),
  );
  const [right, middle] = [sheet.width - 10, (sheet.top + sheet.bottom) / 2];
  const upright = `text-anchor="middle" font-weight="bold" transform="rotate(-90 ${fixed(right)} ${fixed(middle)})"`;
  return [
    ...ticks,
    ...(hasFailed
      ? [svgText(x + 12, sheet.bottom + 22, 'failed', `fill="${GREY}" font-size="10"`)]
      : []),
    svgText(right, middle, label, upright),
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
  const line = polyline(
    points,
    `stroke="${colour}" stroke-width="${width}" stroke-opacity="${opacity}" stroke-linejoin="round"`,
    `${describe(trial)}, ${summary.metric} ${shortNumber(trial.value)}`,
  );
  // Among many lines the best one would be lost without a white edge.
  const edge = `<path d="M${points.join('L')}" fill="none" stroke="white" stroke-width="7" stroke-linejoin="round"/>`;
  return index === 0 && points.length > 1 ? `${edge}\n${line}` : line;
}

/** A dot at the value of the best trial. */
function bestMark(
  trial: ValuedTrial,
  { summary, sheet }: { readonly summary: SweepSummary; readonly sheet: Sheet },
): string {
  const position = sheet.metric.axis.positionOf(trial.value) ?? 0.5;
  const colour = scaleColour(distanceFromBest(position, summary));
  const [x, y] = [fixed(sheet.metric.x), fixed(yOf(position, sheet))];
  return `<circle cx="${x}" cy="${y}" r="5" fill="${colour}" stroke="white" stroke-width="1.5"/>`;
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
