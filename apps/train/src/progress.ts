import type { Logger } from '@pixelis/tracing';
import type { StepReport, TrainerCallback } from '@pixelis/training';
import { SingleBar } from 'cli-progress';
import { progressLine, type TrainingFigures } from './progress-line';

const LINE_EVERY_STEPS = 25;
/** Of a terminal that does not tell how many it has. */
const DEFAULT_COLUMNS = 80;

/** What {@link createProgress} shows. */
export interface ProgressOptions {
  readonly steps: number;
  /** Steps done before, by the process that is resumed. */
  readonly startStep: number;
  readonly stages: readonly string[];
  readonly logger: Logger;
  /** Whether to draw a bar on stderr, which must be a terminal, rather than to log. */
  readonly isBar: boolean;
}

/** Shows how training goes; `stop` leaves the last state standing. */
export interface Progress extends TrainerCallback {
  stop(): void;
}

/** A progress bar, or a line every {@link LINE_EVERY_STEPS} steps. */
export function createProgress(options: ProgressOptions): Progress {
  const meter = new Meter(options);
  return options.isBar ? barProgress(options, meter) : lineProgress(options, meter);
}

function barProgress({ steps, startStep }: ProgressOptions, meter: Meter): Progress {
  const stream = process.stderr;
  const bar = new SingleBar({
    stream,
    // The last column stays free: a terminal breaks the line when it is written.
    format: (_, { value }) =>
      progressLine({
        step: value,
        steps,
        figures: meter.figures(),
        width: (stream.columns || DEFAULT_COLUMNS) - 1,
      }),
  });
  bar.start(steps, startStep);
  return {
    afterStep(report) {
      meter.add(report);
      bar.update(report.step);
    },
    stop: () => bar.stop(),
  };
}

function lineProgress({ steps, logger }: ProgressOptions, meter: Meter): Progress {
  return {
    afterStep(report) {
      meter.add(report);
      if (report.step % LINE_EVERY_STEPS !== 0 && report.step !== steps) return;
      const { loss, accuracy, stage, rate, left } = meter.figures();
      logger.info(
        `step ${report.step}/${steps} | loss ${loss} | val accuracy ${accuracy} | stage ${stage} | ${rate} images/s | ${left} left`,
      );
    },
    stop: () => undefined,
  };
}

/** Keeps the figures that progress shows: running means over the last steps, the latest accuracies. */
class Meter {
  private readonly recent: StepReport[] = [];
  private readonly accuracies = new Map<string, number>();
  private stage = '-';

  constructor(private readonly options: ProgressOptions) {}

  add(report: StepReport): void {
    this.recent.push(report);
    if (this.recent.length > LINE_EVERY_STEPS) this.recent.shift();
    for (const [key, value] of Object.entries(report.metrics)) {
      if (key.startsWith('accuracy/')) this.accuracies.set(key.slice('accuracy/'.length), value);
    }
    this.stage = this.options.stages[report.metrics['stage'] ?? 0] ?? '-';
  }

  figures(): TrainingFigures {
    const { recent, accuracies, stage } = this;
    const seconds = sum(recent.map(({ durationMs }) => durationMs)) / 1000;
    const stepsLeft = this.options.steps - (recent.at(-1)?.step ?? this.options.startStep);
    const shown = [...accuracies].map(([level, value]) => `${level} ${(100 * value).toFixed(0)}%`);
    return {
      loss:
        recent.length === 0
          ? '-'
          : (sum(recent.map(({ loss }) => loss)) / recent.length).toFixed(3),
      accuracy: shown.length === 0 ? '-' : shown.join(' '),
      stage,
      rate: seconds === 0 ? '-' : (sum(recent.map(({ images }) => images)) / seconds).toFixed(0),
      left: seconds === 0 ? '-' : formatDuration((seconds / recent.length) * stepsLeft),
    };
  }
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

/** `2:05` for two minutes and five seconds. */
function formatDuration(seconds: number): string {
  const whole = Math.round(seconds);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, '0')}`;
}
