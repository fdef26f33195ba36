/** What a person wants to know while a model trains, each as a text. */
export interface TrainingFigures {
  readonly loss: string;
  readonly accuracy: string;
  readonly stage: string;
  readonly rate: string;
  readonly left: string;
}

/** What {@link progressLine} draws. */
export interface ProgressLineOptions {
  readonly step: number;
  readonly steps: number;
  readonly figures: TrainingFigures;
  /** Columns that the line may take. */
  readonly width: number;
}

const BAR_WIDTHS = [24, 12];

/**
 * A progress bar and the figures beside it, in one line that fits. Where columns are few the rate goes first, then the
 * stage, half of the bar, the accuracies and the loss: how far training is and how long it still takes stand always.
 */
export function progressLine({ step, steps, figures, width }: ProgressLineOptions): string {
  const place = `${step}/${steps}`;
  const left = `${figures.left} left`;
  const loss = `loss ${figures.loss}`;
  const accuracy = `val accuracy ${figures.accuracy}`;
  const stage = `stage ${figures.stage}`;
  const rate = `${figures.rate} images/s`;
  const [wide, narrow] = BAR_WIDTHS.map(
    (columns) => `train ${bar(step / steps, columns)} ${place}`,
  );
  const lines = [
    [wide, left, loss, accuracy, stage, rate],
    [wide, left, loss, accuracy, stage],
    [wide, left, loss, accuracy],
    [narrow, left, loss, accuracy],
    [narrow, left, loss],
    [narrow, left],
  ].map((parts) => parts.join(' | '));
  return lines.find((line) => line.length <= width) ?? `${place} | ${left}`.slice(0, width);
}

function bar(progress: number, width: number): string {
  const filled = Math.round(width * Math.min(1, Math.max(0, progress)));
  return '█'.repeat(filled) + '░'.repeat(width - filled);
}
