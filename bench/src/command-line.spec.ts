import { UsageError } from '@pixelis/core';
import { readArguments } from './command-line';

describe('readArguments()', () => {
  it('compares both models with PyTorch on wasm unless told otherwise', () => {
    const bench = readArguments([]);
    expect(bench).toMatchObject({ backend: 'wasm', rounds: 5, isTorch: true });
    expect(bench?.models.map(({ name }) => name)).toEqual(['D128 L4 N50 B32', 'D192 L12 N65 B32']);
  });

  it('takes one model, threads and turns', () => {
    const bench = readArguments(['--model', 'D192', '--threads=1', '--rounds=2', '--no-torch']);
    expect(bench).toMatchObject({ threads: 1, rounds: 2, isTorch: false });
    expect(bench?.models.map(({ name }) => name)).toEqual(['D192 L12 N65 B32']);
  });

  it.each([['--threads=0'], ['--rounds=0'], ['--model=D1'], ['--backend=cuda'], ['--nope']])(
    'refuses %s',
    (argument) => expect(() => readArguments([argument])).toThrow(UsageError),
  );
});
