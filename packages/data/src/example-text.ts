import { IMAGE_SIZE } from './mnist';
import type { EpisodeStatus } from './reasoning-episode';
import type { ReasoningExample, Step } from './reasoning-example';
import { cellOfToken, tokenName } from './vocabulary';

/** What was done about a question; a {@link ReasoningEpisode} is one. */
export interface Trajectory {
  status: EpisodeStatus;
  steps: readonly Step[];
}

const SHADES = ' .:-=+*#%@';
const CROPS_SHOWN_MAX = 2;

/**
 * An example as text: the question in words, the canvas and the first crops as characters (at most 88 columns and 15 rows), and the steps in words with whether the answer is right.
 *
 * @param trajectory What a model did. @default {the demonstration}
 */
export function renderExample(
  example: ReasoningExample,
  trajectory: Trajectory = { status: 'answered', steps: example.demonstration },
): string {
  const crops = trajectory.steps.flatMap((step) => (step.type === 'zoom' ? [step] : []));
  const columns = [
    pictureLines('canvas', example.canvas, Math.min(...example.canvas)),
    ...crops
      .slice(0, CROPS_SHOWN_MAX)
      .map(({ cell, crop }) => pictureLines(`C${cell} at full resolution`, crop, commonest(crop))),
  ];
  const rows = columns[0]?.map((_, row) =>
    columns
      .map((lines) => lines[row] ?? '')
      .join('  ')
      .trimEnd(),
  );
  return [
    `${example.level}: ${questionInWords(example)}`,
    ...(rows ?? []),
    stepsInWords(example, trajectory),
  ].join('\n');
}

/** @param floor Grey level from which down everything is blank. */
function pictureLines(title: string, pixels: Uint8Array, floor: number): string[] {
  const span = Math.max(1, Math.max(...pixels) - floor);
  const lines = Array.from({ length: IMAGE_SIZE / 2 }, (_, row) =>
    Array.from({ length: IMAGE_SIZE }, (_, x) => {
      // A character is twice as high as wide, so it stands for two pixels.
      const at = 2 * row * IMAGE_SIZE + x;
      const level = ((pixels[at] ?? 0) + (pixels[at + IMAGE_SIZE] ?? 0)) / 2 - floor;
      return SHADES[Math.min(SHADES.length - 1, Math.floor((level * SHADES.length) / span))] ?? ' ';
    }).join(''),
  );
  return [title.padEnd(IMAGE_SIZE), ...lines];
}

/** The level of a crop's ground: black, or an engraved plate, whose strokes are brighter than it. */
function commonest(pixels: Uint8Array): number {
  const counts = new Uint32Array(256);
  for (const level of pixels) counts[level] = (counts[level] ?? 0) + 1;
  return counts.indexOf(Math.max(...counts));
}

function questionInWords({ kind, question, scene }: ReasoningExample): string {
  const [first, second] = question.slice(1).map((token) => placeInWords(token, scene.grid));
  switch (kind) {
    case 'digit':
      return `Which digit is at ${first ?? ''}?`;
    case 'count':
      return 'How many digits are there?';
    case 'compare':
      return `Is the digit at ${first ?? ''} greater than the one at ${second ?? ''}?`;
    case 'sum':
      return `What is the sum of the digits at ${first ?? ''} and ${second ?? ''}?`;
  }
}

function placeInWords(token: number, grid: number): string {
  const cell = cellOfToken(token);
  if (cell === undefined || grid === 1) return tokenName(token);
  return `${tokenName(token)} (row ${Math.floor(cell / grid) + 1}, column ${(cell % grid) + 1})`;
}

function stepsInWords({ answer }: ReasoningExample, { status, steps }: Trajectory): string {
  const words = steps.map((step) => {
    switch (step.type) {
      case 'zoom':
        return `zooms into C${step.cell}`;
      case 'properties':
        return `finds C${step.cell} ${tokenName(step.property)}`;
      case 'note':
        return `reads ${answerInWords(step.token)}`;
      case 'answer':
        return `answers ${answerInWords(step.token)}: ${
          step.token === answer ? 'right' : `wrong, it is ${answerInWords(answer)}`
        }`;
    }
  });
  if (status !== 'answered')
    words.push(`gives no answer (${status}), it is ${answerInWords(answer)}`);
  return words.join(', ');
}

function answerInWords(token: number): string {
  return tokenName(token).replace('NUM_', '');
}
