import type { RunManifest } from '@pixelis/artifacts';
import { canvasChance, renderExample } from '@pixelis/data';
import type { LevelScore } from '@pixelis/training';

/** What a completed run is summed up from. */
export interface ReportOptions {
  /** The run's folder, as the user would write it. */
  readonly directory: string;
  readonly manifest: RunManifest;
  readonly scores: readonly LevelScore[];
}

/** The text that a person reads at the end: questions with what the model did, accuracies beside chance, where all is. */
export function completionReport({ directory, manifest, scores }: ReportOptions): string {
  const { results } = manifest;
  return [
    ...scores.flatMap(exampleOf),
    'accuracy on test digits (the model answers by itself, its visual operations really executed)',
    ...scores.map(({ level, accuracy, examples }) => {
      const chance = percent(canvasChance(level));
      return `  ${level.padEnd(8)} ${percent(accuracy).padStart(6)}   chance ${chance}, ${examples.length} questions`;
    }),
    '',
    `run             ${manifest.run_id}`,
    `folder          ${directory}`,
    `curve           ${directory}/figures/training-curve.svg`,
    `weights_sha256  ${String(results.weights_sha256)}`,
    '',
  ].join('\n');
}

/** The first question of a level, with the model's own trajectory. */
function exampleOf({ level, examples, episodes }: LevelScore): string[] {
  const [example] = examples;
  const [episode] = episodes;
  if (example === undefined || episode === undefined) return [];
  return [`--- a ${level} question of test ---`, renderExample(example, episode), ''];
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}
