import { EXIT_CODES, UsageError } from '@pixelis/core';
import { type Verification, verifyRun } from '@pixelis/verification';
import { asJson } from '../as-json';
import { defineCommand } from '../command';
import { formatCount } from '../format';
import { runFolder } from '../run-folder';
import { differenceLines, PROGRESS_WIDTH, stageLines } from '../stage-lines';
import { defaultDataDirectory, interruptible, repositoryRoot, trainMain } from '../train-program';

/** `pixelis verify` */
export const verify = defineCommand({
  words: [
    {
      placeholder: 'RUN',
      help: 'Id of a run, the beginning of one, latest, or a folder',
      isRequired: true,
    },
  ],
  options: {
    steps: { kind: 'integer', placeholder: 'N', help: 'Check the first N steps only' },
    checkout: {
      kind: 'flag',
      help: 'Train by the recorded commit, in a git work tree, instead of by the present code',
    },
    threads: {
      kind: 'integer',
      placeholder: 'N',
      help: 'Threads of the arithmetic, which change no bit; as recorded without it',
    },
    'data-directory': {
      kind: 'text',
      placeholder: 'DIR',
      help: 'Folder of the data files, where it is not the recorded one',
    },
    keep: { kind: 'flag', help: 'Keep what was trained, and say where' },
  },
  async run({ words, options, root }, output) {
    const folder = runFolder(root, words[0] ?? '');
    const say = (text: string) => {
      if (output.isJson) return;
      output.progress('');
      output.print({ json: null, text });
    };
    const found = await interruptible((signal) =>
      verifyRun(folder, {
        main: trainMain(),
        defaultDataDirectory: defaultDataDirectory(),
        steps: countOf('steps', options.number('steps')),
        threads: countOf('threads', options.number('threads')),
        dataDirectory: options.text('data-directory'),
        checkout: options.flag('checkout') ? { repository: repositoryRoot() } : undefined,
        isKept: options.flag('keep'),
        signal,
        onRecord: ({ events }) =>
          say(
            `${'record: intact'.padEnd(26)}${formatCount(events.count, 'event')}; below, A is the record, B is now`,
          ),
        onStage: (stage) => say(stageLines(stage)),
        onProgress: (message) => output.progress(message.slice(0, PROGRESS_WIDTH)),
        onNote: (message) => output.note(`note: ${message}`),
      }),
    ).finally(() => output.progress(''));
    output.print({ json: asJson(found), text: conclusion(found) });
    return found.verdict === 'verified' ? undefined : EXIT_CODES.integrity;
  },
});

function countOf(name: string, value: number | undefined): number | undefined {
  if (value === undefined || value >= 1) return value;
  throw new UsageError(`--${name} must be an integer from 1 on, not ${value}`, {
    code: 'COMMAND_LINE_INVALID',
    remedy: `leave out --${name}, or give a number from 1 on`,
  });
}

function conclusion(found: Verification): string {
  const { verdict, steps, checkpoints, weightsSha256, first, cause, keptIn, limits } = found;
  const kept = keptIn === null ? [] : [`kept in ${keptIn}`];
  if (verdict === 'differs') return ['differs', differenceLines(first, cause), ...kept].join('\n');
  const weights = weightsSha256 === null ? '' : `, weights_sha256 ${weightsSha256}`;
  return [
    ...limits.map(({ message }) => `record: ${message}`),
    ...kept,
    `verified: ${formatCount(steps, 'step')}, ${formatCount(checkpoints, 'checkpoint')}${weights}`,
  ].join('\n');
}
