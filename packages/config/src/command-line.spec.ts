import { UsageError } from '@pixelis/core';
import fc from 'fast-check';
import { parseCommandLine } from './command-line';
import { entryPointArguments, entryPointOptions } from './entry-point-options';
import { helpText, terminalWidth } from './help-text';
import { trainingConfigSchema } from './training-config';
import { resolveTrainingConfig } from './entry-point-resolution';

const definition = {
  program: 'train',
  summary: 'Trains a model.',
  words: [{ placeholder: 'MODE', help: 'Kind of training', setting: 'training.mode' }],
  options: {
    ...entryPointOptions,
    mode: { kind: 'text', help: 'Kind of training', setting: 'training.mode' },
    jobs: { kind: 'integer', help: 'Trials at once', minimum: 1, maximum: 100_000 },
    few: { kind: 'integer', help: 'How many', minimum: 1 },
    grid: { kind: 'text', help: 'Values', placeholder: 'KEY=A,B', isRepeatable: true },
    later: { kind: 'flag', help: 'To come', unavailable: 'nothing does it yet' },
  },
} as const;

describe('parseCommandLine()', () => {
  it('parseCommandLine() maps options and words to settings that name them', () => {
    const commandLine = parse(
      'sft',
      '--seed',
      '7',
      '--deterministic',
      '--backend=cpu',
      '--threads=1',
    );
    expect(commandLine.settings()).toEqual([
      { path: ['training', 'seed'], value: 7, source: '--seed' },
      { path: ['training', 'deterministic_mode'], value: true, source: '--deterministic' },
      { path: ['hardware', 'backend'], value: 'cpu', source: '--backend' },
      { path: ['hardware', 'threads'], value: 1, source: '--threads' },
      { path: ['training', 'mode'], value: 'sft', source: 'sft' },
    ]);
  });

  it('parseCommandLine() collects overrides, also after --', () => {
    const { overrides, words } = parse('training.steps=5', '--json', '--', 'model.dim=32', 'sft');
    expect(overrides).toEqual(['training.steps=5', 'model.dim=32']);
    expect(words).toEqual(['sft']);
  });

  it.each(['1e3', '-1', '1.5', '9007199254740993', 'abc', '', ' 1', '01', '0x1', '-0', '+1', '१'])(
    'parseCommandLine() refuses the seed %j and names it',
    (seed) => {
      const problem = `Option --seed must be an integer from 0 to 9007199254740991: got "${seed}"`;
      expect(usageErrorOf('--seed', seed).message).toBe(problem);
      expect(usageErrorOf(`--seed=${seed}`).message).toBe(problem);
    },
  );

  it.each([
    [['--jobs', '0'], 'Option --jobs must be an integer from 1 to 100000: got "0"'],
    [['--jobs', '100001'], 'Option --jobs must be an integer from 1 to 100000: got "100001"'],
    [['--few', '0'], 'Option --few must be an integer from 1: got "0"'],
    [
      ['--few', '9007199254740993'],
      'Option --few must be an integer from 1 to 9007199254740991: got "9007199254740993"',
    ],
    [
      ['sft', '--grid', 'training.seed', '=', '1,2'],
      'Unexpected argument "1,2": KEY=VALUE has no spaces around "="',
    ],
    [['sft', 'training.seed=', '1'], 'Unexpected argument "1": KEY=VALUE has no spaces around "="'],
    [
      ['sft', '--grid', 'training.seed', '=1,2'],
      'Argument "=1,2" has no key: KEY=VALUE has no spaces around "="',
    ],
  ])('parseCommandLine() refuses %j and says how it is meant', (argv, message) => {
    expect(usageErrorOf(...argv).message).toBe(message);
  });

  it('parseCommandLine() takes integers at their bounds', () => {
    expect(parse('--jobs', '1').number('jobs')).toBe(1);
    expect(parse('--jobs', '100000').number('jobs')).toBe(100_000);
  });

  it.each(['0', '42', '9007199254740991'])('parseCommandLine() takes the seed %s', (seed) => {
    expect(parse('--seed', seed).settings()[0]?.value).toBe(Number(seed));
  });

  it.each([
    [['--sed', '1'], 'Unknown option --sed: did you mean --seed?'],
    [['-x'], 'Unknown option -x'],
    [['--__proto__=1'], 'Unknown option --__proto__'],
    [['--constructor'], 'Unknown option --constructor'],
    [['--no-json'], 'Unknown option --no-json'],
    [
      ['--training.seed=1'],
      'Unknown option --training.seed: write overrides bare, training.seed=value',
    ],
    [['--seed'], 'Option --seed needs a value'],
    [['--config', '--json'], 'Option --config needs a value'],
    [['--config='], 'Option --config must not be empty'],
    [['--json=1'], 'Option --json takes no value'],
    [['--seed=1', '--seed=1'], 'Option --seed is given more than once'],
    [['sft', 'more'], 'Unexpected argument "more": overrides have the form a.b=value'],
    [['--later'], 'Option --later is not available in this version: nothing does it yet'],
    [['--env-policy', 'lax'], 'Option --env-policy must be strict or warn or ignore: got "lax"'],
    [['--capture-level', '4'], 'Option --capture-level must be 1 or 2 or 3: got "4"'],
    [['--backend', 'cuda'], 'Option --backend must be wasm or cpu or gpu'],
    [['--log-format', 'xml'], 'Option --log-format must be pretty or json: got "xml"'],
    [['--exp-name', 'a/b'], 'Option --exp-name must match'],
  ])('parseCommandLine() refuses %j', (argv, problem) => {
    const error = usageErrorOf(...argv);
    expect(error.message).toContain(problem);
    expect(error.exitCode).toBe(2);
    expect(error.remedy).toContain('train --help');
  });

  it('parseCommandLine() names everything that is wrong', () => {
    const { message } = usageErrorOf('--sed', '--seed=x', '--later');
    expect(message.split('; ')).toHaveLength(3);
  });

  it.each([
    [
      ['--config', '--stepps', '3'],
      ['Option --config needs a value', 'Unknown option --stepps'],
    ],
    [
      ['--seed', '--later', 'sft', 'more'],
      ['--seed needs a value', '--later is not', '"more"'],
    ],
    [
      ['--config', '--out', '--sed=1'],
      ['--config needs', '--out needs', 'Unknown option --sed'],
    ],
    [
      ['--config', '--', '--sed', 'sft'],
      ['--config needs a value', 'Unexpected argument "sft"'],
    ],
    [['--config', '--config', 'c.yaml'], ['Option --config needs a value']],
  ])('parseCommandLine() takes no option for the value of another: %j', (argv, problems) => {
    const { message, remedy } = usageErrorOf(...argv);
    expect(message.split('; ')).toEqual(
      problems.map((problem) => expect.stringContaining(problem) as unknown),
    );
    expect(remedy).toContain(`a value with dashes first is written --${argv[0]?.slice(2)}=--`);
  });

  it('parseCommandLine() says of dashes in values only where they are asked about', () => {
    expect(usageErrorOf('--config').remedy).not.toContain('dashes');
    expect(usageErrorOf('--sed').remedy).not.toContain('dashes');
  });

  it.each([[['--out', '-']], [['--out', '-x']], [['--out', '-1']], [['--out=--json']]])(
    'parseCommandLine() takes a value that begins with a dash: %j',
    (argv) => {
      const value = argv[1] ?? '--json';
      expect(entryPointArguments(parse(...argv, '--seed', '1'))).toMatchObject({ out: value });
    },
  );

  it('parseCommandLine() shows the help where an option before --help lacks its value', () => {
    expect(entryPointArguments(parse('--config', '--help')).isHelp).toBe(true);
  });

  it('parseCommandLine() lets --help win over whatever else is wrong', () => {
    const commandLine = parse('--sed', '--log-format=xml', '--help');
    expect(entryPointArguments(commandLine).isHelp).toBe(true);
  });

  it('parseCommandLine() throws nothing but usage errors, on one line', () => {
    const option = fc.constantFrom(...Object.keys(definition.options)).map((name) => `--${name}`);
    const argument = fc.oneof(
      option,
      fc.string({ unit: 'binary' }),
      fc.constantFrom('--', '-', '1'),
    );
    fc.assert(
      fc.property(fc.array(argument, { maxLength: 4 }), (argv) => {
        try {
          entryPointArguments(parse(...argv));
        } catch (error) {
          expect(error).toBeInstanceOf(UsageError);
          expect(String(error)).not.toMatch(/\p{Cc}/u);
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe('parseCommandLine() of a command without configuration', () => {
  const command = {
    program: 'pixelis runs compare',
    summary: 'Compares runs.',
    words: [
      { placeholder: 'RUN', help: 'A run', isRequired: true },
      { placeholder: 'OTHER', help: 'Others', isRequired: true, isRepeatable: true },
    ],
    options: {
      where: { kind: 'text', help: 'A condition', isRepeatable: true },
      min: { kind: 'number', help: 'A bound' },
    },
    takesOverrides: false,
  } as const;

  it('parseCommandLine() takes any number of words, with = in them, for the last that is repeatable', () => {
    expect(parseCommandLine(['a', 'b', 'c=d'], command).words).toEqual(['a', 'b', 'c=d']);
  });

  it('parseCommandLine() names required words that are missing', () => {
    expect(() => parseCommandLine(['a'], command)).toThrow('OTHER is missing');
    expect(() => parseCommandLine([], command)).toThrow('RUN is missing; OTHER is missing');
  });

  it('parseCommandLine() collects the values of an option that is repeatable', () => {
    const commandLine = parseCommandLine(['a', 'b', '--where', 'x=1', '--where=y=2'], command);
    expect(commandLine.texts('where')).toEqual(['x=1', 'y=2']);
    expect(commandLine.texts('min')).toEqual([]);
  });

  it.each(['0.5', '-3', '1e-3'])('parseCommandLine() takes the number %s', (text) => {
    expect(parseCommandLine(['a', 'b', `--min=${text}`], command).number('min')).toBe(Number(text));
    expect(parseCommandLine(['a', 'b', '--min', text], command).number('min')).toBe(Number(text));
  });

  it.each(['x', 'Infinity', 'NaN', ' '])('parseCommandLine() refuses the number %j', (text) => {
    expect(() => parseCommandLine(['a', 'b', `--min=${text}`], command)).toThrow(
      `Option --min must be a number: got "${text}"`,
    );
  });

  it('helpText() shows what is required and repeatable, and no overrides', () => {
    expect(helpText(command)).toMatch(
      /^Usage: pixelis runs compare RUN OTHER\.\.\. \[OPTION\]\.\.\.\n/,
    );
    expect(helpText(command)).toContain('(may be repeated)');
  });
});

describe('parseCommandLine() of an option that takes values with commas', () => {
  const search = {
    ...definition,
    words: [],
    options: {
      grid: { kind: 'text', placeholder: 'KEY=A,B', help: 'Values', isRepeatable: true },
      tag: { kind: 'text', help: 'Name' },
    },
  } as const;

  it.each([
    [['--grid', 'k=1', '2'], '2', ': values are separated by commas without spaces, --grid KEY=A,B'],
    [['--grid=k=1', 'b=2', '2'], '2', ': overrides have the form a.b=value'],
    [['--grid', 'k=1', '--tag', 't', '2'], '2', ': overrides have the form a.b=value'],
  ])('parseCommandLine() says in %j what "%s" may be meant for', (argv, word, hint) => {
    const problem = `Unexpected argument "${word}"${hint}`;
    expect(() => parseCommandLine(argv, search)).toThrow(problem);
  });

  it('parseCommandLine() tells it of each word', () => {
    const act = () => parseCommandLine(['--grid', 'k=1', '2', '3', '--tag', 't'], search);
    expect(act).toThrow(/"2": values are sep.*; Unexpected argument "3": values are sep/);
  });
}); // prettier-ignore

describe('entryPointArguments()', () => {
  it('entryPointArguments() gives the defaults without options', () => {
    expect(entryPointArguments(parse())).toEqual({
      config: undefined,
      out: 'out',
      runId: undefined,
      isNew: false,
      expName: undefined,
      captureLevel: 'standard',
      isOffline: false,
      envPolicy: 'warn',
      isForced: false,
      logFormat: 'pretty',
      isPrintConfig: false,
      isJson: false,
      isHelp: false,
    });
  });

  it('entryPointArguments() gives what is asked', () => {
    const argv = ['--out=o', '--run-id=r', '--new', '--exp-name=e', '--offline', '--log-format=json', '--json', '--env-policy=strict', '--force', '--print-config', '--config=c.yaml', '--capture-level=3']; // prettier-ignore
    expect(entryPointArguments(parse(...argv))).toEqual({
      config: 'c.yaml',
      out: 'o',
      runId: 'r',
      isNew: true,
      expName: 'e',
      captureLevel: 'complete',
      isOffline: true,
      envPolicy: 'strict',
      isForced: true,
      logFormat: 'json',
      isPrintConfig: true,
      isJson: true,
      isHelp: false,
    });
  });
});

describe('entryPointOptions', () => {
  it('entryPointOptions sets only keys of the configuration, and leaves defaults to the schema', () => {
    const { config } = resolveTrainingConfig({ options: parse().settings() });
    expect(config).toEqual(trainingConfigSchema.parse({}));
    const argv = ['--seed=1', '--deterministic', '--backend=gpu', '--threads=1'];
    const { origins } = resolveTrainingConfig({ options: parse(...argv).settings() });
    const set = Object.entries(origins).filter(([, origin]) => origin.layer === 'argument');
    expect(set.map(([path]) => path).sort()).toEqual([
      'hardware.backend',
      'hardware.threads',
      'training.deterministic_mode',
      'training.seed',
    ]);
  });
});

describe('helpText()', () => {
  it('helpText() lists every word and option in aligned columns, with defaults', () => {
    const text = helpText(definition, { width: Infinity });
    const rows = text.split('\n').filter((line) => line.startsWith('  '));
    expect(text).toMatch(/^Usage: train \[MODE\] \[OPTION\]\.\.\. \[KEY=VALUE\]\.\.\.\n/);
    expect(rows).toHaveLength(Object.keys(definition.options).length + 2);
    expect(text).toMatch(/--seed N +Root of all randomness \(default: 42\)/);
    expect(text).toMatch(/--later +.*\(not available in this version\)/);
    expect(new Set(rows.map((row) => /^ {2}\S.*? {2,}(?=\S)/.exec(row)?.[0].length)).size).toBe(1);
  });

  it.each([60, 80, 120])('helpText() fits a terminal of %i columns and loses no word', (width) => {
    const whole = helpText(definition, { width: Infinity });
    const text = helpText(definition, { width });
    const lines = text.split('\n');
    expect(Math.max(...lines.map(({ length }) => length))).toBeLessThanOrEqual(width);
    expect(text.replace(/\s+/g, '')).toBe(whole.replace(/\s+/g, ''));
    const [indent] = /^ {2}--seed N +/m.exec(whole) ?? [''];
    for (const line of lines.filter((each) => each.startsWith('   ')))
      expect(line.slice(0, indent.length + 1)).toMatch(/^ +\S$/);
    // For grep: each option begins a line, with its name and what it is for.
    for (const start of whole.match(/^ {2}\S.*? {2,}\S+/gm) ?? [])
      expect(lines.filter((line) => line.startsWith(start))).toHaveLength(1);
  });

  it('helpText() is 80 columns wide where there is no terminal', () => {
    expect(terminalWidth({})).toBe(80);
    expect(terminalWidth({ columns: 0 })).toBe(80);
    expect(terminalWidth({ columns: 132 })).toBe(132);
    expect(helpText(definition)).toBe(helpText(definition, { width: terminalWidth() }));
  });
});

// Helpers

function parse(
  ...argv: string[]
): ReturnType<typeof parseCommandLine<keyof typeof definition.options>> {
  return parseCommandLine(argv, definition);
}

function usageErrorOf(...argv: string[]): UsageError {
  try {
    parse(...argv);
  } catch (error) {
    if (error instanceof UsageError) return error;
    throw error;
  }
  throw new Error('Expected a UsageError');
}
