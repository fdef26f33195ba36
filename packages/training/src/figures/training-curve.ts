/** One line of `metrics.jsonl`. */
export type MetricLine = Readonly<Record<string, number>>;

/** A named series of a chart; points with no value are left out. */
interface Series {
  readonly name: string;
  readonly colour: string;
  readonly points: readonly (readonly [step: number, value: number])[];
}

/** A chart's place on the sheet, in pixels. */
interface Panel {
  readonly title: string;
  readonly top: number;
  readonly height: number;
  readonly maximum: number;
  readonly series: readonly Series[];
}

const WIDTH = 860;
const MARGIN = { left: 56, right: 150 };
const COLOURS = ['#1f6feb', '#d1242f', '#1a7f37', '#9a6700', '#8250df', '#57606a'];
const STAGE_FILLS = ['#f6f8fa', '#eaf2ff', '#e6f6ea', '#fff5e0'];
const SMOOTHING_STEPS = 20;

/** How {@link trainingCurve} names what the lines count. */
export interface TrainingCurveOptions {
  readonly title: string;
  /** Names of the curriculum's stages; the metric `stage` counts them from 0. */
  readonly stages: readonly string[];
}

/**
 * Draws a run as SVG: loss above, accuracies below, the curriculum's stages as bands behind both. Equal lines give
 * equal bytes.
 */
export function trainingCurve(
  lines: readonly MetricLine[],
  { title, stages }: TrainingCurveOptions,
): string {
  const lastStep = largestOf(
    lines.map(({ step }) => step ?? 0),
    1,
  );
  const losses = [
    lossSeries(lines, 'loss/train', COLOURS[0]),
    lossSeries(lines, 'loss/val', COLOURS[1]),
  ];
  const highest = largestOf(
    losses.flatMap(({ points }) => points.map(([, value]) => value)),
    0.1,
  );
  const panels: Panel[] = [
    { title: 'loss', top: 64, height: 200, maximum: highest, series: losses },
    { title: 'accuracy on val', top: 320, height: 200, maximum: 1, series: accuracySeries(lines) },
  ];
  const x = (step: number) =>
    MARGIN.left + (step / lastStep) * (WIDTH - MARGIN.left - MARGIN.right);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="568" viewBox="0 0 ${WIDTH} 568" font-family="sans-serif" font-size="12">`,
    `<rect width="${WIDTH}" height="568" fill="white"/>`,
    text(MARGIN.left, 24, title, 'font-size="15" font-weight="bold"'),
    ...panels.flatMap((panel) => [
      ...stageBands(lines, stages, panel, x),
      ...drawPanel(panel, lastStep, x),
    ]),
    text(WIDTH - MARGIN.right, 554, 'optimizer steps', 'text-anchor="end"'),
    '</svg>',
    '',
  ].join('\n');
}

function lossSeries(lines: readonly MetricLine[], key: string, colour = '#000'): Series {
  const points = pointsOf(lines, key);
  if (key !== 'loss/train') return { name: key, colour, points };
  // The loss of a single batch jumps; its running mean shows where it goes.
  const smoothed = points.map(([step], index) => {
    const window = points.slice(Math.max(0, index - SMOOTHING_STEPS + 1), index + 1);
    return [step, window.reduce((sum, [, value]) => sum + value, 0) / window.length] as const;
  });
  return { name: `${key} (mean of ${SMOOTHING_STEPS})`, colour, points: smoothed };
}

function accuracySeries(lines: readonly MetricLine[]): Series[] {
  const keys = new Set(
    lines.flatMap((line) => Object.keys(line).filter((key) => key.startsWith('accuracy/'))),
  );
  return [...keys].map((name, index) => ({
    name,
    colour: COLOURS[index % COLOURS.length] ?? '#000',
    points: pointsOf(lines, name),
  }));
}

function pointsOf(lines: readonly MetricLine[], key: string): [number, number][] {
  return lines.flatMap((line) => {
    const { step } = line;
    const value = line[key];
    return step === undefined || value === undefined ? [] : [[step, value]];
  });
}

function stageBands(
  lines: readonly MetricLine[],
  stages: readonly string[],
  { top, height }: Panel,
  x: (step: number) => number,
): string[] {
  const bands: { stage: number; from: number; to: number }[] = [];
  for (const { step = 0, stage = 0 } of lines) {
    const last = bands.at(-1);
    if (last?.stage === stage) last.to = step;
    else bands.push({ stage, from: last?.to ?? 0, to: step });
  }
  return bands.flatMap(({ stage, from, to }) => {
    const fill = STAGE_FILLS[stage % STAGE_FILLS.length] ?? 'none';
    const width = fixed(x(to) - x(from));
    return [
      `<rect x="${fixed(x(from))}" y="${top}" width="${width}" height="${height}" fill="${fill}"/>`,
      text(
        x(from) + 4,
        top + 14,
        `stage ${stages[stage] ?? stage}`,
        'fill="#57606a" font-size="11"',
      ),
    ];
  });
}

function drawPanel(
  { title, top, height, maximum, series }: Panel,
  lastStep: number,
  x: (step: number) => number,
): string[] {
  const y = (value: number) => top + height * (1 - value / maximum);
  const right = WIDTH - MARGIN.right;
  const gridLines = [0, 0.25, 0.5, 0.75, 1].flatMap((part) => [
    `<path d="M${MARGIN.left} ${fixed(y(part * maximum))}H${right}" stroke="#d0d7de"/>`,
    text(
      MARGIN.left - 6,
      y(part * maximum) + 4,
      (part * maximum).toFixed(2),
      'text-anchor="end" fill="#57606a"',
    ),
    text(
      x(part * lastStep),
      top + height + 16,
      String(Math.round(part * lastStep)),
      'text-anchor="middle" fill="#57606a"',
    ),
  ]);
  const curves = series
    .filter(({ points }) => points.length > 0)
    .flatMap(({ name, colour, points }, index) => [
      `<polyline fill="none" stroke="${colour}" stroke-width="1.6" points="${points.map(([step, value]) => `${fixed(x(step))},${fixed(y(value))}`).join(' ')}"/>`,
      text(right + 10, top + 14 + index * 18, name, `fill="${colour}" font-size="11"`),
    ]);
  return [text(MARGIN.left, top - 8, title, 'font-weight="bold"'), ...gridLines, ...curves];
}

function text(x: number, y: number, content: string, attributes: string): string {
  return `<text x="${fixed(x)}" y="${fixed(y)}" ${attributes}>${escaped(content)}</text>`;
}

/** As text of XML 1.0 (section 2.4); what that cannot hold (section 2.2) becomes U+FFFD. */
function escaped(content: string): string {
  return content
    .replace(/[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu, '\uFFFD')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;');
}

/** `Math.max` of long runs would be a call of too many arguments. */
function largestOf(values: readonly number[], least: number): number {
  return values.reduce((largest, value) => Math.max(largest, value), least);
}

function fixed(value: number): string {
  return value.toFixed(1);
}
