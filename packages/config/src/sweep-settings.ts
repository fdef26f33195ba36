import { nearestName, UsageError } from '@pixelis/core';
import type { ConfigSetting } from './config-layer';
import { parsePath } from './config-path';
import { printable } from './printable';
import { parseOverrideValue, YamlSyntaxError } from './yaml-value';

/** The forms of a search space on the command line, by the word that they begin with. */
const FORMS = {
  uniform: 'uniform:LOW:HIGH[:STEP]',
  'log-uniform': 'log-uniform:LOW:HIGH[:STEP]',
  int: 'int:LOW:HIGH[:STEP]',
  'log-int': 'log-int:LOW:HIGH[:STEP]',
  choice: 'choice:A,B,C',
} as const;

const DISTRIBUTIONS = {
  uniform: 'uniform',
  'log-uniform': 'log_uniform',
  int: 'int',
  'log-int': 'log_int',
} as const;

const EXAMPLES: Readonly<Record<keyof typeof DISTRIBUTIONS, string>> = {
  uniform: '0.1:0.9',
  'log-uniform': '1e-4:1e-2',
  int: '1:8',
  'log-int': '1:64',
};

type SpaceOption = '--grid' | '--space';

/**
 * What `--grid training.learning_rate=1e-3,3e-4` sets: the values that a sweep tries for a key, each read as that of an override,
 * without spaces around it. A comma within brackets, braces or quotes is part of its value.
 *
 * @throws {UsageError} `SWEEP_OPTION_INVALID` if the argument is not of this form.
 */
export function gridSetting(argument: string): ConfigSetting {
  const { key, text } = readArgument('--grid', argument);
  return settingOf('--grid', key, { values: readValues('--grid', { argument, text }) });
}

/**
 * What `--space training.learning_rate=log-uniform:1e-4:1e-2` sets: the values or bounds between which a sweep chooses for a key. The
 * form may be spelled as in a configuration too, `log_uniform`.
 *
 * @throws {UsageError} `SWEEP_OPTION_INVALID` if the argument is not of the form KEY=SPEC.
 */
export function spaceSetting(argument: string): ConfigSetting {
  const { key, text } = readArgument('--space', argument);
  const [asked = '', ...rest] = text.split(':');
  const form = asked.replace('_', '-');
  if (form === 'choice') {
    const values = readValues('--space', { argument, text: rest.join(':') });
    return settingOf('--space', key, { values });
  }
  if (!isDistribution(form)) throw unknownForm(argument, asked);
  const numbers = rest.map((part) => (part.trim() === '' ? Number.NaN : Number(part)));
  const [low, high, step] = numbers;
  const isComplete = rest.length === 2 || rest.length === 3;
  if (!isComplete || low === undefined || high === undefined || !numbers.every(Number.isFinite)) {
    throw wrongOption('--space', argument, {
      problem: `"${text}" is not of the form ${FORMS[form]}`,
      remedy: `Write two numbers, and a step if need be: --space ${key}=${form}:${exampleBounds(form, rest)}`,
    });
  }
  const steps = step === undefined ? {} : { step };
  return settingOf('--space', key, { distribution: DISTRIBUTIONS[form], low, high, ...steps });
}

/** Bounds that a form may have: the lower one as it was given, where it is one. */
function exampleBounds(form: keyof typeof DISTRIBUTIONS, given: readonly string[]): string {
  const [text = ''] = given;
  const low = Number(text);
  const isLog = form.startsWith('log-');
  const isLow =
    text.trim() !== '' && Number.isFinite(low) && low !== 0 && (!isLog || low > 0) &&
    (form.endsWith('uniform') || Number.isSafeInteger(low)); // prettier-ignore
  if (!isLow || given.length > 1) return EXAMPLES[form];
  const high = Number((isLog ? low * 100 : low > 0 ? low * 2 : -low).toPrecision(6));
  return `${text.trim()}:${/e/i.test(text) ? high.toExponential() : String(high)}`;
}

function readArgument(option: SpaceOption, argument: string): { key: string; text: string } {
  const [key = '', ...rest] = argument.split('=');
  if (rest.length > 0 && parsePath(key) !== undefined) return { key, text: rest.join('=') };
  const isGrid = option === '--grid';
  throw wrongOption(option, argument, {
    problem: `it is not of the form KEY=${isGrid ? 'VALUE,VALUE' : 'SPEC'}`,
    remedy: isGrid
      ? 'Write a key and its values: --grid training.learning_rate=1e-3,3e-4'
      : 'Write a key and its range: --space training.learning_rate=log-uniform:1e-4:1e-2',
  });
}

function readValues(
  option: SpaceOption,
  { argument, text }: { argument: string; text: string },
): unknown[] {
  const parts = splitValues(text).map((part) => part.trim());
  if (parts.includes('')) {
    throw wrongOption(option, argument, {
      problem: 'a value is empty',
      remedy: 'Write each value, separated by single commas; "" stands for empty text',
    });
  }
  try {
    return parts.map((part) => parseOverrideValue(part));
  } catch (error) {
    if (!(error instanceof YamlSyntaxError)) throw error;
    throw wrongOption(option, argument, {
      problem: error.message,
      remedy: 'Close every bracket, brace and quote',
    });
  }
}

/** Splits at the commas that stand in no bracket, brace or quote. */
function splitValues(text: string): string[] {
  const parts = [''];
  let depth = 0;
  let quote: string | undefined;
  for (const character of text) {
    if (quote !== undefined) quote = character === quote ? undefined : quote;
    else if (character === '"' || character === "'") quote = character;
    else if ('[{'.includes(character)) depth += 1;
    else if (']}'.includes(character)) depth -= 1;
    if (character === ',' && depth <= 0 && quote === undefined) parts.push('');
    else parts.push(`${parts.pop() ?? ''}${character}`);
  }
  return parts;
}

/** The whole of what is searched of a key: bounds of a lower layer do not mix with values. */
function settingOf(option: SpaceOption, key: string, value: unknown): ConfigSetting {
  return { path: ['sweep', 'space', key], value, source: `${option} ${key}`, isWhole: true };
}

function isDistribution(form: string): form is keyof typeof DISTRIBUTIONS {
  return Object.hasOwn(DISTRIBUTIONS, form);
}

function unknownForm(argument: string, form: string): UsageError {
  const nearest = nearestName(form, Object.keys(FORMS));
  const hint = nearest === undefined ? '' : `: did you mean "${nearest}"?`;
  return wrongOption('--space', argument, {
    problem: `unknown form "${form}"${hint}`,
    remedy: `Use one of ${Object.values(FORMS).join(', ')}`,
  });
}

function wrongOption(
  option: SpaceOption,
  argument: string,
  { problem, remedy }: { problem: string; remedy: string },
): UsageError {
  return new UsageError(`Cannot use ${option} ${printable(argument)}: ${printable(problem)}`, {
    code: 'SWEEP_OPTION_INVALID',
    remedy,
  });
}
