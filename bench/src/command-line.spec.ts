import { UsageError } from '@pixelis/core';
import { readArguments, sidesOf } from './command-line';
import type { Side } from './side';

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

  it.each([
    ['--threads=0'],
    ['--rounds=0'],
    ['--shards=0'],
    ['--model=D1'],
    ['--backend=cuda'],
    ['--beside=wasm,cuda'],
    ['--precision=f16'],
    ['--nope'],
  ])('refuses %s', (argument) => expect(() => readArguments([argument])).toThrow(UsageError));
});

describe('sidesOf()', () => {
  it('is one side with the shards of a run where none other is named', () => {
    expect(named([])).toMatchObject([{ backend: 'wasm', shards: 8, isCompiled: false }]);
    expect(named(['--backend=cpu'])).toMatchObject([{ backend: 'cpu', shards: 1 }]);
  });

  it('compiles the first side alone', () => {
    expect(
      named(['--backend=cpu', '--compile', '--precision=bf16', '--beside=eager,wasm']),
    ).toMatchObject([
      { backend: 'cpu', shards: 1, isCompiled: true, precision: 'bf16' },
      { backend: 'cpu', shards: 1, isCompiled: false, precision: 'f32' },
      { backend: 'wasm', shards: 8, isCompiled: false, precision: 'f32' },
    ]);
  });

  it('cuts the batch of every side into the shards that are asked for', () => {
    expect(named(['--shards=4', '--beside=cpu']).map(({ shards }) => shards)).toEqual([4, 4]);
  });

  function named(argv: readonly string[]): readonly Side[] {
    const bench = readArguments(argv);
    return sidesOf(bench!.models[0]!, bench!);
  }
});
