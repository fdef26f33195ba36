import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { useTemporaryFolder } from '../../test/temporary-folder';
import { readLastMetric, readLastMetrics } from './last-metrics';

const temporaryFolder = useTemporaryFolder();

function folderWith(text: string): string {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'metrics.jsonl'), text);
  return folder;
}

describe('readLastMetrics', () => {
  it('readLastMetrics() gives each key its last value and the step of that', () => {
    const folder = folderWith('{"a":1,"b":5,"step":1}\n{"a":2,"step":2}\n{"a":3,"c":0,"step":3}\n');
    expect(readLastMetrics(folder)).toEqual({
      a: { step: 3, value: 3 },
      b: { step: 1, value: 5 },
      c: { step: 3, value: 0 },
    });
    expect(['a', 'b', 'c', 'd'].map((key) => readLastMetric(folder, key))).toEqual([
      3,
      5,
      0,
      undefined,
    ]);
  });

  it('readLastMetrics() leaves out a line that is being written', () => {
    const folder = folderWith('{"a":1,"step":1}\n{"a":2,"st');
    expect(readLastMetrics(folder)).toEqual({ a: { step: 1, value: 1 } });
    expect(readLastMetric(folder, 'a')).toBe(1);
  });

  it('readLastMetrics() of a long file looks at its end alone', () => {
    const folder = folderWith(`{"old":1,"step":1}\n${'{"new":2,"step":2}\n'.repeat(5000)}`);
    expect(readLastMetrics(folder)).toEqual({ new: { step: 2, value: 2 } });
    expect(readLastMetric(folder, 'old')).toBeUndefined();
  });

  it('readLastMetrics() of no file, or an empty one, is empty', () => {
    expect(readLastMetrics(temporaryFolder())).toEqual({});
    expect(readLastMetrics(folderWith(''))).toEqual({});
    expect(readLastMetric(folderWith(''), 'a')).toBeUndefined();
  });
});
