import { readCommandLine, type SweepCommand } from './command-line';

function read(...argv: string[]): SweepCommand {
  const command = readCommandLine(argv);
  if (command.kind !== 'sweep') throw new Error('the command line asks for a text');
  return command;
}

describe('readCommandLine()', () => {
  it('readCommandLine() takes every example of --help', () => {
    const help = readCommandLine(['--help']);
    const text = help.kind === 'text' ? help.text : '';
    const examples = [...text.matchAll(/^ {4}sweep (.*)$/gm)].map(([, words = '']) => words);
    expect(examples).toHaveLength(4);
    for (const example of examples.filter((words) => !words.includes('search.yaml'))) {
      const argv = example
        .replace('--config base.yaml', '')
        .split(' ')
        .filter((word) => word !== '');
      expect(read(...argv).resolved.config.sweep.space).not.toEqual({});
    }
  });

  it('readCommandLine() turns the options of the search into the section sweep', () => {
    const { resolved } = read(
      '--random', '5', '--grid', 'training.seed=1,2', '--space', 'training.learning_rate=log-uniform:1e-4:1e-2',
      '--halving', '10', '--reduction-factor', '4', '--metric', 'accuracy/hard', '--direction', 'max',
    ); // prettier-ignore
    expect(resolved.config.sweep).toEqual({
      strategy: 'random',
      trials: 5,
      generation_size: 4,
      metric: 'accuracy/hard',
      direction: 'max',
      space: {
        'training.seed': { values: [1, 2] },
        'training.learning_rate': { distribution: 'log_uniform', low: 1e-4, high: 1e-2 },
      },
      halving: { minimum_steps: 10, reduction_factor: 4 },
    });
    expect(resolved.origins['sweep.strategy']).toEqual({ layer: 'argument', source: '--random' });
  });

  it('readCommandLine() takes --run-id for --tag', () => {
    expect(read('--grid', 'training.seed=1', '--run-id', 'x').tag).toBe('x');
    expect(read('--grid', 'training.seed=1', '--tag', 'x', '--run-id', 'x').tag).toBe('x');
    expect(() => read('--grid', 'training.seed=1', '--tag', 'x', '--run-id', 'y')).toThrow('two');
  });

  it('readCommandLine() knows no number of jobs unless one is given', () => {
    expect(read('--grid', 'training.seed=1').jobs).toBeUndefined();
    expect(read('--grid', 'training.seed=1', '--jobs', '3').jobs).toBe(3);
  });

  it('readCommandLine() reads the memory of a trial in GiB', () => {
    const memoryOf = (...argv: string[]) =>
      read('--grid', 'training.seed=1', ...argv).memoryPerTrialBytes;
    expect(memoryOf()).toBeUndefined();
    expect(memoryOf('--memory-per-trial', '2')).toBe(2 * 2 ** 30);
    expect(memoryOf('--memory-per-trial', '0.5')).toBe(2 ** 29);
    for (const wrong of ['0', '-1', 'much', 'Infinity', ' ', '1e9'])
      expect(() => memoryOf(`--memory-per-trial=${wrong}`)).toThrow('no amount of memory');
  });

  it('readCommandLine() hands to trials what is no configuration, and only what was given', () => {
    expect(read('--grid', 'training.seed=1', '--threads', '2').trialOptions).toEqual([]);
    const { trialOptions } = read(
      '--grid', 'training.seed=1', '--exp-name', 'e', '--env-policy', 'strict', '--force', '--offline',
    ); // prettier-ignore
    expect(trialOptions).toEqual([
      '--exp-name', 'e', '--env-policy', 'strict', '--offline', '--force',
    ]); // prettier-ignore
  });

  it('readCommandLine() reads options of sbatch, with and without a value', () => {
    const { launcher, slurmOptions } = read(
      '--grid', 'training.seed=1', '--launcher', 'slurm', '--slurm-option', 'time=60',
      '--slurm-option', 'exclusive', '--slurm-option', 'comment=a=b',
    ); // prettier-ignore
    expect({ launcher, slurmOptions }).toEqual({
      launcher: 'slurm',
      slurmOptions: { time: '60', exclusive: '', comment: 'a=b' },
    });
  });
});
