import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  type CommandLineDefinition,
  entryPointOptions,
  gridSetting,
  parseCommandLine,
  resolveSweepConfig,
  spaceSetting,
} from '@pixelis/config';
import { readSearch } from '../src/folder/sweep-search';
import { runSweep, type RunSweepOptions, type SweepResult } from '../src/run-sweep';
import { useTemporaryFolder } from './support/temporary-folder';
import { FOUR, type ToySearch, toySweep } from './support/toy-sweep';

const fresh = useTemporaryFolder();

/** Of the command line of `sweep` what says which sweep it is. */
const DEFINITION = {
  program: 'sweep',
  summary: '',
  options: {
    ...entryPointOptions,
    grid: { kind: 'text', help: '', isRepeatable: true },
    space: { kind: 'text', help: '', isRepeatable: true },
    random: { kind: 'integer', help: '', setting: 'sweep.trials' },
    tpe: { kind: 'integer', help: '', setting: 'sweep.trials' },
    halving: { kind: 'integer', help: '', setting: 'sweep.halving.minimum_steps' },
    'reduction-factor': { kind: 'integer', help: '', setting: 'sweep.halving.reduction_factor' },
    'generation-size': { kind: 'integer', help: '', setting: 'sweep.generation_size' },
    metric: { kind: 'text', help: '', setting: 'sweep.metric' },
    direction: { kind: 'text', help: '', setting: 'sweep.direction' },
  },
} as const satisfies CommandLineDefinition;

/** The words of a command as a POSIX shell reads them, of which a report uses single quotes and backslashes alone. */
function wordsOf(command: string): string[] {
  const words = command.match(/(?:'[^']*'|\\.|[^\s'\\])+/g) ?? [];
  return words.map((word) =>
    word.replace(/'([^']*)'|\\(.)/g, (_, quoted?: string, one?: string) => quoted ?? one ?? ''),
  );
}

/** The command under `## The same sweep again`. */
function commandIn({ folder }: SweepResult): string {
  const report = readFileSync(folder.path('report.md'), 'utf8');
  const [, command] = /\n## The same sweep again\n[^]*?```bash\n(.*)\n```/.exec(report) ?? [];
  if (command === undefined) throw new Error('the report gives no command');
  return command;
}

/** The sweep that a command asks for, as the program reads it. */
function askedBy(command: string, out: string): RunSweepOptions['resolved'] {
  const prefix = 'npx nx run sweep:default -- ';
  expect(command.startsWith(`${prefix}--new --config out/`)).toBe(true);
  const commandLine = parseCommandLine(wordsOf(command.slice(prefix.length)), DEFINITION);
  const config = commandLine.text('config') ?? '';
  const strategies = (['random', 'tpe'] as const).filter((name) => commandLine.number(name));
  return resolveSweepConfig({
    file: join(out, config.slice('out/'.length)),
    options: [
      ...commandLine.settings(),
      ...strategies.map((value) => ({ path: ['sweep', 'strategy'], value, source: `--${value}` })),
      ...commandLine.texts('grid').map(gridSetting),
      ...commandLine.texts('space').map(spaceSetting),
    ],
  });
}

const SPACE = {
  'training.learning_rate': { distribution: 'log_uniform', low: 1e-4, high: 0.1 },
  'training.warmup_steps': { distribution: 'int', low: 0, high: 4, step: 2 },
  'training.seed': { values: [1, 2, 3] },
};

const SEARCHES: readonly [string, ToySearch][] = [
  ['a grid', FOUR],
  [
    'a grid that does not vary the seed',
    { space: { 'hardware.backend': { values: ['cpu', 'wasm'] } } },
  ],
  [
    'a grid of lists of sections, of which one says more',
    {
      space: {
        'curriculum.stages': {
          values: [
            [{ name: 'simple', mixture: { simple: 1 } }],
            [{ name: "it's", mixture: { hard: 1 } }],
          ],
        },
      },
    },
  ],
  ['random', { strategy: 'random', trials: 6, space: SPACE }],
  [
    'halving of a grid for the largest value',
    {
      ...FOUR,
      direction: 'max',
      metric: 'loss/train',
      halving: { minimum_steps: 2, reduction_factor: 2 },
    },
  ],
  [
    'tpe with halving',
    {
      ...{ strategy: 'tpe', trials: 8, generation_size: 3, space: SPACE },
      halving: { minimum_steps: 2, reduction_factor: 2 },
    },
  ],
];

describe('the command that makes a sweep again', () => {
  it.each(SEARCHES)(
    'sweepReport() gives one that makes %s again, byte for byte',
    async (_, search) => {
      const out = fresh();
      const sweep = toySweep(out, search);
      const first = await runSweep(sweep);
      const command = commandIn(first);
      const again = await runSweep({ ...sweep, resolved: askedBy(command, out), out: fresh() });

      const [before, after] = [first, again].map(({ folder }) => readSearch(folder.searchPath));
      // What is searched below the varied keys says nothing: the command begins with a trial.
      expect(after).toMatchObject({
        sweep: before?.sweep,
        trials: before?.trials,
        seed: before?.seed,
      });
      for (let trial = 1; trial <= first.trials; trial++)
        expect(readFileSync(again.folder.configPath(trial), 'utf8')).toBe(
          readFileSync(first.folder.configPath(trial), 'utf8'),
        );
      expect(again.manifest?.trials).toEqual(first.manifest?.trials);
      expect(again.manifest?.best).toBe(first.manifest?.best);
    },
  );
});
