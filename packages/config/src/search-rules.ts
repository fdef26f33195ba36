import { z } from 'zod';
import { formatPath, membersOf, parsePath, valueAt } from './config-path';
import { expectation } from './expectation';
import { suggestFrom } from './known-keys';
import { printable, printableValue } from './printable';
import { schemasAt } from './schemas-at';
import { trainingConfigSchema } from './training-config';

/** A value of a sweep's configuration that does not go with others. */
export interface SearchProblem {
  path: (string | number)[];
  /** To follow "path=value: " in a message. */
  message: string;
  /** Whether it says all that there is to say of the value. @default false */
  isWhole?: boolean;
}

const range = z.object({
  distribution: z.enum(['uniform', 'log_uniform', 'int', 'log_int']),
  low: z.number(),
  high: z.number(),
  step: z.number().optional(),
});

const searched = z.object({
  training: z.object({ steps: z.int() }).optional().catch(undefined),
  sweep: z.object({
    strategy: z.string(),
    trials: z.int().nullable().optional().catch(undefined),
    space: z.record(z.string(), z.unknown()),
    halving: z.object({ minimum_steps: z.int() }).nullable().optional().catch(undefined),
  }),
});

const suggest = suggestFrom(trainingConfigSchema);

/** Finds what is wrong between the values of a sweep's configuration, which need not be valid otherwise. */
export function searchProblems(config: unknown): SearchProblem[] {
  const { data } = searched.safeParse(config);
  if (data === undefined) return [];
  const { strategy, space } = data.sweep;
  return [
    ...trialProblems(data),
    ...Object.entries(space).flatMap(([key, parameter]) => {
      const form = formProblem(parameter, key);
      if (form !== undefined)
        return [{ path: ['sweep', 'space', key], message: form, isWhole: true }];
      return [
        ...keyProblems(key, config),
        ...rangeProblems(key, parameter, { isGrid: strategy === 'grid' }),
        ...valueProblems(key, parameter),
      ];
    }),
  ];
}

const PARAMETER_KEYS: readonly string[] = ['values', 'distribution', 'low', 'high', 'step'];

/** What is wrong where a parameter is none of the two forms, or a range with keys that a range has not. */
function formProblem(parameter: unknown, key: string): string | undefined {
  if (typeof parameter !== 'object' || parameter === null || Array.isArray(parameter)) {
    const values = Array.isArray(parameter) ? parameter : [parameter];
    return `must be a section with keys: { values: ${printableValue(values)} }`;
  }
  const unknown = Object.keys(parameter).filter((name) => !PARAMETER_KEYS.includes(name));
  const [first] = unknown;
  if (first === undefined) return undefined;
  const isNested =
    schemasAt(trainingConfigSchema, [key, first]).length > 0 ||
    Object.values(parameter).every((value) => membersOf(value).length > 0 && !Array.isArray(value));
  if (isNested) return `keys are written with dots, as "${printable(`${key}.${first}`)}"`;
  if (!['distribution', 'low', 'high'].some((name) => Object.hasOwn(parameter, name)))
    return undefined;
  const names = unknown.map((name) => `"${printable(name)}"`).join(', ');
  return `unknown key${unknown.length === 1 ? '' : 's'} ${names}: the bounds are low and high, and there may be a step`;
}

function trialProblems({ training, sweep }: z.output<typeof searched>): SearchProblem[] {
  const { strategy, trials, halving } = sweep;
  const problems: SearchProblem[] = [];
  if (strategy === 'grid' && typeof trials === 'number') {
    problems.push({
      path: ['sweep', 'trials'],
      message: 'must be left out for a grid, which has as many trials as combinations',
    });
  }
  if ((strategy === 'random' || strategy === 'tpe') && trials === null) {
    problems.push({
      path: ['sweep', 'trials'],
      message: `is required: give it, or --${strategy} N`,
    });
  }
  const steps = training?.steps ?? Infinity;
  if (typeof halving?.minimum_steps === 'number' && halving.minimum_steps >= steps) {
    problems.push({
      path: ['sweep', 'halving', 'minimum_steps'],
      message: `must be < training.steps (${steps})`,
    });
  }
  return problems;
}

function keyProblems(key: string, config: unknown): SearchProblem[] {
  const path = parsePath(key) ?? [];
  const at = ['sweep', 'space', key];
  if (path[0] === 'sweep') return [{ path: at, message: 'a sweep cannot vary itself' }];
  if (path.length > 0 && valueAt(config, path) !== undefined) return [];
  const nearest = path.length === 0 ? undefined : suggest(path.slice(0, -1), path.at(-1) ?? '');
  const hint = nearest === undefined ? '' : `: did you mean "${nearest}"?`;
  return [{ path: at, message: `names no value of the configuration${hint}` }];
}

function rangeProblems(
  key: string,
  parameter: unknown,
  { isGrid }: { isGrid: boolean },
): SearchProblem[] {
  const { data } = range.safeParse(parameter);
  if (data === undefined) return [];
  const { distribution, low, high, step } = data;
  const problems: SearchProblem[] = [];
  const report = (name: string, message: string) => {
    problems.push({ path: ['sweep', 'space', key, name], message });
  };
  if (low > high) report('high', `must be >= low (${low})`);
  if (distribution.startsWith('log_') && low <= 0) report('low', `must be > 0 for ${distribution}`);
  const isInteger = distribution === 'int' || distribution === 'log_int';
  for (const [name, value] of Object.entries({ low, high, step })) {
    if (isInteger && value !== undefined && !Number.isSafeInteger(value))
      report(name, `must be an integer for ${distribution}`);
  }
  if (isGrid && !isInteger && step === undefined && low !== high)
    report('distribution', 'needs a step in a grid: add --random N or --tpe N, or a step');
  return problems;
}

/** What a key can never be set to, whatever the other keys are. */
function valueProblems(key: string, parameter: unknown): SearchProblem[] {
  const schemas = schemasAt(trainingConfigSchema, parsePath(key) ?? ['']);
  if (schemas.length === 0) return [];
  return candidatesOf(parameter).flatMap(([path, value]) => {
    const results = schemas.map((schema) => z.safeParse(schema, value, { error: expectation }));
    const [issue] = results[0]?.error?.issues ?? [];
    if (results.some(({ success }) => success) || issue === undefined) return [];
    const where = formatPath(issue.path);
    const message = `${key}${where === '' ? '' : `: ${where}`} ${issue.message}`;
    return [{ path: ['sweep', 'space', key, ...path], message }];
  });
}

function candidatesOf(parameter: unknown): [path: (string | number)[], value: unknown][] {
  const values = valueAt(parameter, ['values']);
  if (Array.isArray(values)) {
    return Array.from<unknown, [(string | number)[], unknown]>(values, (value, index) => {
      return [['values', index], value];
    });
  }
  const { data } = range.safeParse(parameter);
  return data === undefined ? [] : [[['low'], data.low], [['high'], data.high]]; // prettier-ignore
}
