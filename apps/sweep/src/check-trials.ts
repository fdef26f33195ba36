import { execFile, type ExecFileException } from 'node:child_process';
import { isDeepStrictEqual } from 'node:util';
import { type SweepConfig, sweepConfigSchema } from '@pixelis/config';
import {
  DataError,
  EnvironmentError,
  EXIT_CODES,
  IntegrityError,
  type JsonValue,
  type PixelisError,
  type PixelisErrorOptions,
  UsageError,
  workerEntry,
} from '@pixelis/core';
import { z } from 'zod';
import {
  type TrialAnswer,
  trialAnswerSchema,
  type TrialQuestion,
  trialQuestionSchema,
} from './trial-question';

/** Where and for what {@link checkTrials} checks. */
export interface CheckTrialsOptions {
  /** Whether trials run on this machine, so that its backends are theirs. */
  readonly isHere: boolean;
  /** Whether the answers are wanted even where nothing can be refused. */
  readonly areFactsWanted: boolean;
}

/**
 * Refuses what no trial could run with, before a sweep is begun: a data set that there is not, and, where trials run here, a
 * folder without its files and a backend that cannot be opened. Asks for every value that the sweep gives these three keys, as
 * `train` itself finds out.
 *
 * @returns What each backend is, as far as it was asked.
 * @throws {PixelisError} The error that `train` would end with.
 */
export async function checkTrials(
  config: SweepConfig,
  { isHere, areFactsWanted }: CheckTrialsOptions,
): Promise<TrialAnswer[]> {
  const questions = questionsOf(config, isHere);
  const usual = questionsOf(sweepConfigSchema.parse({}), isHere);
  // What nobody changed runs wherever Pixelis does.
  const isUsual = isDeepStrictEqual(questions, usual);
  if (isUsual && !(isHere && areFactsWanted)) return [];
  const answers: TrialAnswer[] = [];
  for (const question of questions) {
    const answer = await ask(question);
    if (answer !== null) answers.push(answer);
  }
  return answers;
}

/** One for each backend: a process can open but one. */
function questionsOf(
  { data, hardware, training, sweep }: SweepConfig,
  isHere: boolean,
): TrialQuestion[] {
  const isFree = (key: string): boolean => isVaried(sweep, key);
  const datasets = valuesOf(sweep, { key: 'data.dataset', base: data.dataset });
  // Other machines may have a folder that is not here.
  const directories = isHere
    ? valuesOf(sweep, { key: 'data.directory', base: data.directory })
    : [null];
  const names = valuesOf(sweep, { key: 'hardware.backend', base: hardware.backend });
  if (!isHere || names.length === 0)
    return [trialQuestionSchema.parse({ datasets, directories, backend: null })];
  // What else is varied refuses no backend: a trial may have the value with which it can be opened.
  const isCompilationFree = isFree('training.compile') || isFree('training.precision');
  const settings = {
    seed: 0,
    isDeterministic: !isFree('training.deterministic_mode') && training.deterministic_mode,
    threads: isFree('hardware.threads') ? null : hardware.threads,
    isCompiled: !isCompilationFree && training.compile,
    precision: isCompilationFree ? 'f32' : training.precision,
  };
  return names.map((name) =>
    trialQuestionSchema.parse({ datasets, directories, backend: { name, ...settings } }),
  );
}

type SearchSection = SweepConfig['sweep'];

/** Whether trials set a key, by itself or with the section that it stands in. */
function isVaried({ space }: SearchSection, key: string): boolean {
  return Object.keys(space).some((varied) => varied === key || key.startsWith(`${varied}.`));
}

/** What trials set a key to, as far as that is known: nothing where they set the whole section that it stands in. */
function valuesOf(
  sweep: SearchSection,
  { key, base }: { key: string; base: JsonValue },
): readonly JsonValue[] {
  const varied = sweep.space[key];
  if (varied !== undefined && 'values' in varied) return varied.values;
  return isVaried(sweep, key) ? [] : [base];
}

const refusalSchema = z.object({
  code: z.string(),
  message: z.string(),
  remedy: z.string(),
  exit_code: z.int(),
});

type ErrorClass = new (message: string, options: PixelisErrorOptions) => PixelisError;

const CLASSES: ReadonlyMap<number, ErrorClass> = new Map<number, ErrorClass>([
  [EXIT_CODES.usage, UsageError],
  [EXIT_CODES.environment, EnvironmentError],
  [EXIT_CODES.data, DataError],
  [EXIT_CODES.integrity, IntegrityError],
]);

const linesSchema = z.union([z.object({ error: refusalSchema }), trialAnswerSchema.nullable()]);

async function ask(question: TrialQuestion): Promise<TrialAnswer | null> {
  const entry = workerEntry(__filename, 'trial-question-process');
  const ending = await new Promise<Ending>((resolve) => {
    const argv = [entry, JSON.stringify(question)];
    execFile(process.execPath, argv, (error, stdout, stderr) => resolve({ error, stdout, stderr }));
  });
  const said = linesSchema.safeParse(jsonOf(lastLine(ending.stdout)));
  if (!said.success) throw crash(question, ending);
  if (said.data !== null && 'error' in said.data) throw errorOf(said.data.error);
  return said.data;
}

interface Ending {
  readonly error: ExecFileException | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** The error of another process; what none of the classes is made for is a defect there. */
function errorOf({
  message,
  exit_code: exitCode,
  ...options
}: z.infer<typeof refusalSchema>): Error {
  const known = CLASSES.get(exitCode);
  return known === undefined ? new Error(message) : new known(message, options);
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** A native library may end its process rather than say what is wrong. */
function crash({ backend }: TrialQuestion, { error, stderr }: Ending): EnvironmentError {
  const ended = error?.signal ?? `exit code ${error?.code ?? 0}`;
  const last = lastLine(stderr);
  const words = last === '' ? '' : `: ${last}`;
  return new EnvironmentError(
    `a process that opens the backend ${backend?.name ?? 'of a trial'} gave no answer (${ended})${words}`,
    { code: 'TRIAL_PROCESS_BROKEN', remedy: 'see what pixelis doctor says of this machine' },
  );
}

function lastLine(text: string): string {
  return text.trimEnd().split('\n').at(-1) ?? '';
}
