import type { Importances } from './importances';
import { clipped, onOneLine } from './short-text';
import { fixed, svgDocument, svgText } from './svg';

const WIDTH = 800;
const ROW_HEIGHT = 26;
const TOP = 68;
const CHARACTER_WIDTH = 6.3;
const LABEL_LENGTH_MAX = 44;
const GREY = '#57606a';

/** What {@link importancePlot} writes beside the bars. */
export interface ImportancePlotOptions {
  readonly metric: string;
}

/** Draws the importances of parameters as SVG: a bar for each, and words where it cannot be told. */
export function importancePlot(found: Importances, { metric }: ImportancePlotOptions): string {
  const labels = found.parameters.map(({ key }) => clipped(onOneLine(key), LABEL_LENGTH_MAX));
  const longest = labels.reduce((length, label) => Math.max(length, Array.from(label).length), 0);
  const left = 24 + longest * CHARACTER_WIDTH;
  const widest = WIDTH - left - 64;
  const rows = found.parameters.flatMap(({ share, reason = '' }, index) => {
    const y = TOP + index * ROW_HEIGHT;
    const label = svgText(left - 8, y + 14, labels[index] ?? '', 'text-anchor="end"');
    if (share === null) {
      const room = Math.floor((WIDTH - left - 16) / CHARACTER_WIDTH);
      const words = svgText(
        left,
        y + 14,
        clipped(reason, room),
        `fill="${GREY}" font-style="italic"`,
      );
      return [label, words];
    }
    const width = share * widest;
    return [
      label,
      `<rect x="${fixed(left)}" y="${fixed(y + 2)}" width="${fixed(width)}" height="16" fill="#3b518b"/>`,
      svgText(left + width + 6, y + 14, `${(share * 100).toFixed(1)} %`),
    ];
  });
  const basis =
    found.reason ?? `what tells the best ${found.best} of ${found.trials} trials (PED-ANOVA)`;
  return svgDocument({
    id: 'importance',
    width: WIDTH,
    height: TOP + found.parameters.length * ROW_HEIGHT + 12,
    title: `Importance for ${metric}`,
    description: descriptionOf(found),
    content: [
      svgText(
        16,
        24,
        clipped(`Importance for ${onOneLine(metric)}`, 90),
        'font-size="14" font-weight="bold"',
      ),
      svgText(16, 42, basis, `fill="${GREY}"`),
      `<path d="M${fixed(left)} ${TOP - 4}v${found.parameters.length * ROW_HEIGHT}" stroke="#8c959f"/>`,
      ...rows,
    ],
  });
}

function descriptionOf({ parameters }: Importances): string {
  const parts = parameters.map(({ key, share, reason = '' }) =>
    share === null ? `${key}: ${reason}` : `${key}: ${(share * 100).toFixed(1)} %`,
  );
  return `${parts.join('; ')}.`;
}
