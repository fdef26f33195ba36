/**
 * Finds out what `train` finds out before it writes anything, as `node trial-question-process.js QUESTION`: whether data sets can be
 * trained on, and a backend be opened. In a process of its own, since a native library is loaded once, for one device, and stays.
 * Prints the answer, or the error that `train` would end with, as a line of JSON. Ends when its input does: whoever asked is gone.
 */
import { trainingConfigSchema } from '@pixelis/config';
import { runProgram } from '@pixelis/core';
import { checkSft, prepareBackend, type PrepareBackendOptions } from '@pixelis/training';
import { type TrialAnswer, trialQuestionSchema } from './trial-question';

process.stdin.once('end', () => process.exit()).resume();
// It keeps nobody waiting who has an answer.
process.stdin.unref();
void runProgram(async () => answerQuestion(process.argv[2] ?? ''), { json: () => true });

async function answerQuestion(text: string): Promise<void> {
  const { datasets, directories, backend } = trialQuestionSchema.parse(JSON.parse(text));
  // In a configuration that is right otherwise: what else is wrong in the base, a trial may set right.
  for (const dataset of datasets)
    for (const directory of directories)
      checkSft(trainingConfigSchema.parse({ data: { dataset, directory } }));
  const answer = backend === null ? null : await open(backend);
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}

async function open(wishes: PrepareBackendOptions): Promise<TrialAnswer> {
  const { name, version, threads } = (await prepareBackend(wishes)).backend;
  const isNative = name === 'cpu' || name === 'gpu';
  return { tensorflow: isNative ? version : null, backend: { name, version, threads } };
}
