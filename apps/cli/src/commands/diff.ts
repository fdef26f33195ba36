import { EXIT_CODES, UsageError } from '@pixelis/core';
import { compareRuns, replayDifference, requireComparable } from '@pixelis/verification';
import { asJson } from '../as-json';
import { defineCommand } from '../command';
import { runFolder } from '../run-folder';
import { differenceLines, replayLines, stageLines } from '../stage-lines';
import { interruptible, trainMain } from '../train-program';

const RUN_HELP = 'Id of a run, the beginning of one, latest, or a folder';

/** `pixelis diff` */
export const diff = defineCommand({
  words: [
    { placeholder: 'A', help: RUN_HELP, isRequired: true },
    { placeholder: 'B', help: RUN_HELP, isRequired: true },
  ],
  options: {
    replay: {
      kind: 'flag',
      help: 'Train both again up to the first differing step, to see the values there',
    },
  },
  async run({ words, options, root }, output) {
    const [a = '', b = ''] = words.map((word) => runFolder(root, word));
    await requireComparable(a);
    await requireComparable(b);
    const comparison = compareRuns([a, b]);
    const { first, cause, verdict, stages, runIds } = comparison;
    if (verdict === 'unknown') throw nothingError(runIds);
    const step = first?.step ?? null;
    const replay =
      options.flag('replay') && first !== null && step !== null
        ? await interruptible((signal) =>
            replayDifference([a, b], {
              main: trainMain(),
              step,
              tensor: first.tensor,
              signal,
              onProgress: (message) => output.progress(message),
            }),
          ).finally(() => output.progress(''))
        : null;
    output.print({
      json: asJson({ ...comparison, replay }),
      text: [
        `A is ${runIds[0]}, B is ${runIds[1]}`,
        ...stages.map(stageLines),
        ...(verdict === 'equal'
          ? ['equal in every bit of what both recorded']
          : ['differs', differenceLines(first, cause)]),
        ...(replay === null ? [] : [replayLines(replay)]),
      ].join('\n'),
    });
    return verdict === 'equal' ? undefined : EXIT_CODES.integrity;
  },
});

function nothingError(runIds: readonly string[]): UsageError {
  return new UsageError(
    `Runs ${runIds.join(' and ')} have no training to compare: at least one of them recorded none`,
    {
      code: 'NOTHING_TO_COMPARE',
      remedy: 'compare runs of train, or see pixelis runs compare for configuration and results',
    },
  );
}
