import fc from 'fast-check';
import type { TrialTask } from '../launcher';
import { arrayChunks, arrayRange } from './array-chunks';

const trials = fc.uniqueArray(fc.integer({ min: 1, max: 5000 }));

describe('arrayChunks()', () => {
  it('arrayChunks() gives each task once, with an index that Slurm takes and that no other of its array has', () => {
    fc.assert(
      fc.property(trials, fc.integer({ min: 1, max: 1100 }), (numbers, size) => {
        const chunks = arrayChunks(numbers.map(task), size);
        const all = chunks.flat();
        expect(all.map((one) => one.task.trial).sort()).toEqual([...numbers].sort());
        expect(all.every(({ index }) => index >= 0 && index < size)).toBe(true);
        for (const chunk of chunks) {
          expect(new Set(chunk.map(({ index }) => index)).size).toBe(chunk.length);
        }
      }),
    );
  });

  it('arrayChunks() numbers tasks like their trials where arrays may be so large', () => {
    expect(arrayChunks([7, 1000].map(task), 1001)).toEqual([
      [7, 1000].map((trial) => ({ index: trial, task: task(trial) })),
    ]);
  });
});

describe('arrayRange()', () => {
  it('arrayRange() names exactly the indexes', () => {
    fc.assert(
      fc.property(trials, (indexes) => {
        expect(read(arrayRange(indexes))).toEqual([...indexes].sort((a, b) => a - b));
      }),
    );
  });

  it('arrayRange() is as short as can be', () => {
    expect(arrayRange([4, 2, 3, 7, 9, 10])).toBe('2-4,7,9-10');
  });
});

// Helpers

function task(trial: number): TrialTask {
  return { trial, argv: [], workingDirectory: '', logPath: '', endPath: '', lockPath: '' };
}

function read(range: string): number[] {
  return range.split(',').flatMap((part) => {
    const [first = NaN, last = first] = part.split('-').map(Number);
    return part === '' ? [] : Array.from({ length: last - first + 1 }, (_, step) => first + step);
  });
}
