import { IMPORTANCE_SOURCE, importanceCaution, type Importances } from './importances';
import { clipped, clippedMiddle, onOneLine } from './short-text';
import { fixed, svgDocument, svgText } from './svg';

const WIDTH = 800;
const ROW_HEIGHT = 26;
const CHARACTER_WIDTH = 6.3;
const LABEL_LENGTH_MAX = 48;
const GREY = '#57606a';
/** Dark orange: seen on white, in grey and with every kind of colour vision, and told from the bars. */
const CAUTION = '#953800';

/** What {@link importancePlot} writes beside the bars. */
export interface ImportancePlotOptions {
  readonly metric: string;
}

/** Draws the importances of parameters as SVG: a bar for each, and words where it cannot be told. */
export function importancePlot(found: Importances, { metric }: ImportancePlotOptions): string {
  const caution = importanceCaution(found);
  const top = caution === undefined ? 76 : 94;
  const rows = found.reason === undefined ? barRows(found, top) : [];
  const height = found.reason === undefined ? top + found.parameters.length * ROW_HEIGHT + 8 : 62;
  const title = `Importance of parameters for ${onOneLine(metric)}`;
  const basis =
    found.reason === undefined
      ? `share in what sets the best ${found.best} of ${found.trials} trials apart from all of them, by ${IMPORTANCE_SOURCE}`
      : `cannot be told: ${found.reason}`;
  return svgDocument({
    id: 'importance',
    width: WIDTH,
    height,
    title,
    description: `${descriptionOf(found)}${caution === undefined ? '' : ` ${caution}`}`,
    content: [
      svgText(16, 24, clipped(title, 90), 'font-size="14" font-weight="bold"'),
      svgText(16, 42, basis, `fill="${GREY}"`),
      ...(caution === undefined ? [] : [svgText(16, 60, caution, `fill="${CAUTION}"`)]),
      ...rows,
    ],
  });
}

function barRows({ parameters }: Importances, top: number): string[] {
  const labels = parameters.map(({ key }) => clippedMiddle(onOneLine(key), LABEL_LENGTH_MAX));
  const longest = labels.reduce((length, label) => Math.max(length, Array.from(label).length), 0);
  const left = 24 + longest * CHARACTER_WIDTH;
  const widest = WIDTH - left - 64;
  const rows = parameters.flatMap(({ share, reason = '' }, index) => {
    const y = top + index * ROW_HEIGHT;
    const label = svgText(left - 8, y + 14, labels[index] ?? '', 'text-anchor="end"');
    if (share === null) {
      const room = Math.floor((WIDTH - left - 22) / CHARACTER_WIDTH);
      const words = clipped(reason, room);
      return [label, svgText(left + 6, y + 14, words, `fill="${GREY}" font-style="italic"`)];
    }
    const width = share * widest;
    return [
      label,
      `<rect x="${fixed(left)}" y="${fixed(y + 2)}" width="${fixed(width)}" height="16" fill="#3b518b"/>`,
      svgText(left + width + 6, y + 14, `${(share * 100).toFixed(1)} %`),
    ];
  });
  const axis = `M${fixed(left)} ${top - 4}v${parameters.length * ROW_HEIGHT}`;
  return [`<path d="${axis}" stroke="#8c959f"/>`, ...rows];
}

function descriptionOf({ parameters }: Importances): string {
  const parts = parameters.map(({ key, share, reason = '' }) =>
    share === null ? `${key}: ${reason}` : `${key}: ${(share * 100).toFixed(1)} %`,
  );
  return `${parts.join('; ')}.`;
}
