import { THREADS_MAX } from '@pixelis/config';
import { EXIT_CODES, UsageError } from '@pixelis/core';
import { applyEnvironmentPolicy } from '@pixelis/experiment';
import { type Verification, verifyRun } from '@pixelis/verification';
import { z } from 'zod';
import { asJson } from '../as-json';
import { defineCommand } from '../command';
import { formatCount } from '../format';
import { runFolder } from '../run-folder';
import { basisLine, differenceLines, stageLines } from '../stage-lines';
import { defaultDataDirectory, interruptible, repositoryRoot, trainMain } from '../train-program';

const ENVIRONMENT_POLICIES = ['strict', 'warn', 'ignore'] as const;

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
    'env-policy': {
      kind: 'text',
      help: 'What it leads to that the environment is not the recorded one',
      choices: ENVIRONMENT_POLICIES,
      default: 'warn',
    },
    force: { kind: 'flag', help: 'Go on in spite of --env-policy strict' },
    keep: { kind: 'flag', help: 'Keep what was trained, and say where' },
  },
  async run({ words, options, root }, output) {
    const steps = countOf('steps', options.number('steps'));
    const threads = countOf('threads', options.number('threads'), THREADS_MAX);
    const folder = runFolder(root, words[0] ?? '');
    const say = (text: string) => {
      if (output.isJson) return;
      output.progress('');
      output.print({ json: null, text });
    };
    const policy = z.enum(ENVIRONMENT_POLICIES).parse(options.text('env-policy'));
    const found = await interruptible((signal) =>
      verifyRun(folder, {
        main: trainMain(),
        defaultDataDirectory: defaultDataDirectory(),
        steps,
        threads,
        dataDirectory: options.text('data-directory'),
        checkout: options.flag('checkout') ? { repository: repositoryRoot() } : undefined,
        isKept: options.flag('keep'),
        signal,
        onRecord: ({ events }) =>
          say(
            `${'record: intact'.padEnd(26)}${formatCount(events.count, 'event')}; below, A is the record, B is now`,
          ),
        onEnvironment: (differences) =>
          applyEnvironmentPolicy({
            policy,
            isForced: options.flag('force'),
            differences: differences.map((one) => ({ ...one, source: 'the record' })),
            // As a stage among the others it is told already.
            warn: (message) => {
              if (output.isJson || policy === 'strict') output.note(`warning: ${message}`);
            },
            print: (table) => output.note(table.trimEnd()),
          }),
        onStage: (stage) => say(stageLines(stage)),
        onBasis: ({ kind, reason }) => say(basisLine(kind, reason)),
        onProgress: (message) => output.progress(message),
        onNote: (message) => output.note(`note: ${message}`),
      }),
    ).finally(() => output.progress(''));
    output.print({ json: asJson(found), text: conclusion(found) });
    return found.verdict === 'verified' ? undefined : EXIT_CODES.integrity;
  },
});

function countOf(name: string, value: number | undefined, max?: number): number | undefined {
  if (value === undefined || (value >= 1 && value <= (max ?? Infinity))) return value;
  const range = max === undefined ? 'from 1 on' : `from 1 to ${max}`;
  throw new UsageError(`--${name} must be an integer ${range}, not ${value}`, {
    code: 'COMMAND_LINE_INVALID',
    remedy: `leave out --${name}, or give a number ${range}`,
  });
}

function conclusion(found: Verification): string {
  const { verdict, first, cause, keptIn, limits, stages } = found;
  const isApproximate = stages.some(({ status }) => status === 'close');
  const kept = keptIn === null ? [] : [`kept in ${keptIn}`];
  if (verdict === 'differs') return ['differs', differenceLines(first, cause), ...kept].join('\n');
  return [
    ...limits.map(({ message }) => `record: ${message}`),
    ...kept,
    `verified${isApproximate ? ' within tolerances' : ''}: ${provedExtent(found)}`,
  ].join('\n');
}

/** What was compared, and what was not since no weights are recorded up to there. */
function provedExtent({ steps, checkpoints, weightsStep, weightsSha256 }: Verification): string {
  const counted = formatCount(steps, 'step');
  const states = formatCount(checkpoints, 'checkpoint');
  if (weightsSha256 !== null) return `${counted}, ${states}, weights_sha256 ${weightsSha256}`;
  if (weightsStep === steps) return `${counted}, ${states}`;
  if (weightsStep === null)
    return `${counted} by their metrics; no weights are recorded up to there`;
  if (weightsStep === 0)
    return `${counted} by their metrics, and the initial weights; no others are recorded up to there`;
  const among = checkpoints === 0 ? '' : `, ${states}`;
  return `${counted} by their metrics, the weights up to step ${weightsStep}${among}; no later ones are recorded up to there`;
}
