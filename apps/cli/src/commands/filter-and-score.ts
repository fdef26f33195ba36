import { showVersion } from '@pixelis/artifacts';
import { UsageError } from '@pixelis/core';
import { asJson } from '../as-json';
import { defineCommand } from '../command';
import { formatCount } from '../format';
import { filterAndScore } from '../filter-and-score/filter-and-score';

const BAR_WIDTH = 40;

/** `pixelis filter-and-score` */
export const filterAndScoreCommand = defineCommand({
  needsRoot: false,
  options: {
    input: {
      kind: 'text',
      placeholder: 'FILE',
      help: 'Examples in JSON or JSON Lines, or a folder of pictures',
    },
    output: { kind: 'text', placeholder: 'FILE', help: 'Where the kept examples are listed' },
    'dataset-name': {
      kind: 'text',
      placeholder: 'NAME',
      help: 'Name of the data set',
      pattern: /^[A-Za-z0-9][A-Za-z0-9_.-]*$/,
    },
    'dataset-type': {
      kind: 'text',
      placeholder: 'TYPE',
      help: 'What the examples are: trajectories to learn from, or pictures',
      choices: ['sft', 'rft', 'ttrl', 'images'],
      default: 'sft',
    },
    'dataset-version': {
      kind: 'text',
      placeholder: 'VERSION',
      help: 'Last part of the name of the data set; its content has versions of its own',
      pattern: /^[A-Za-z0-9][A-Za-z0-9_.]*$/,
      default: 'v1',
    },
    'min-quality-score': {
      kind: 'number',
      placeholder: 'SCORE',
      help: 'Keep examples of at least this quality, from 0 to 1',
      default: '0.7',
    },
  },
  async run({ options, root }, output) {
    const minimumScore = options.number('min-quality-score') ?? 0.7;
    if (minimumScore < 0 || minimumScore > 1) throw scoreError(minimumScore);
    const { artifact, summary, runId } = await filterAndScore({
      root,
      input: required(options.text('input'), '--input'),
      output: required(options.text('output'), '--output'),
      name: required(options.text('dataset-name'), '--dataset-name'),
      type: options.text('dataset-type') ?? 'sft',
      version: options.text('dataset-version') ?? 'v1',
      minimumScore,
      warn: (message) => output.note(message),
    });
    output.print({
      json: { run_id: runId, artifact: asJson(artifact), summary: asJson(summary) },
      text: [
        ...histogramLines(summary.histogram),
        `kept ${summary.kept} of ${summary.count} examples (${formatCount(summary.duplicates, 'duplicate')})`,
        `${artifact.name}:${showVersion(artifact.version)}${artifact.isNew ? '' : ', which was there already'}`,
      ].join('\n'),
    });
  },
});

function required(value: string | undefined, option: string): string {
  if (value !== undefined) return value;
  throw new UsageError(`Option ${option} is missing`, {
    code: 'COMMAND_LINE_INVALID',
    remedy: 'pixelis filter-and-score --help shows what it takes.',
  });
}

/** The scores as a picture of ten bars. */
function histogramLines(histogram: readonly number[]): string[] {
  const most = Math.max(1, ...histogram);
  return histogram.map((count, bin) => {
    const bar = '█'.repeat(Math.ceil((BAR_WIDTH * count) / most));
    const range = `${(bin / 10).toFixed(1)}-${((bin + 1) / 10).toFixed(1)}`;
    return `${range}  ${String(count).padStart(String(most).length)}  ${bar}`.trimEnd();
  });
}

function scoreError(score: number): UsageError {
  return new UsageError(`Option --min-quality-score must be from 0 to 1: got "${score}"`, {
    code: 'COMMAND_LINE_INVALID',
    remedy: 'Give a number such as 0.7.',
  });
}
