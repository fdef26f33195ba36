import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { canonicalJson } from '@pixelis/core';
import fc from 'fast-check';
import { useTemporaryFolder } from '../../test/temporary-folder';
import { readLastMetric, readLastMetrics } from './last-metrics';

const folder = useTemporaryFolder()();

const key = fc.oneof(
  fc.constantFrom('a', 'b', 'loss/train', '"', '\\', 'ä', '{"a":'),
  fc.string({ unit: 'grapheme' }).filter((text) => text !== 'step' && text.isWellFormed()),
);
const rows = fc.array(fc.dictionary(key, fc.integer({ min: -9, max: 9 }), { maxKeys: 4 }));

describe('readLastMetric', () => {
  it('readLastMetric() and readLastMetrics() agree with reading every line', () => {
    fc.assert(
      fc.property(rows, key, (values, other) => {
        const lines = values.map((row, index) => `${canonicalJson({ ...row, step: index + 1 })}\n`);
        writeFileSync(join(folder, 'metrics.jsonl'), lines.join(''));
        const last = new Map(values.flatMap((row) => Object.entries(row)));
        const found = readLastMetrics(folder);
        expect(Object.keys(found).length).toBe(last.size);
        for (const name of [...last.keys(), other]) {
          expect(readLastMetric(folder, name)).toBe(last.get(name));
          expect(Object.hasOwn(found, name) ? found[name]?.value : undefined).toBe(last.get(name));
        }
      }),
    );
  });
});
