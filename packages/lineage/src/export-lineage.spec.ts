import { exampleGraph, hostileGraph, training, uuid } from '../test/example-graph';
import { exportLineage, LINEAGE_FORMATS, type ExportLineageOptions } from './export-lineage';
import { LineageGraph } from './lineage-graph';
import { thrownBy } from '../test/thrown-by';

const roCrate = { name: 'A', description: 'B', license: 'C', datePublished: '2026-01-02' };

describe('exportLineage', () => {
  it.each(LINEAGE_FORMATS)(
    'exportLineage() as %s is the same text for the same graph',
    (format) => {
      for (const [{ nodes, edges }, id] of [
        [exampleGraph, training.id],
        [hostileGraph, uuid(100)],
      ] as const) {
        // prettier-ignore
        const options: ExportLineageOptions = { roCrate, slsa: { run: id } };
        const text = exportLineage(new LineageGraph(nodes, edges), format, options);
        const others = [nodes.toReversed().map(reverseKeys), edges.toReversed()] as const;
        expect(exportLineage(new LineageGraph(...others), format, options)).toBe(text);
        expect(text.endsWith('\n')).toBe(true);
        expect(text.isWellFormed()).toBe(true);
      }
    },
  );

  it.each(LINEAGE_FORMATS.filter((format) => format !== 'slsa'))(
    'exportLineage() as %s is there for an empty graph',
    (format) => {
      expect(typeof exportLineage(new LineageGraph([], []), format, { roCrate })).toBe('string');
    },
  );

  it.each(['ro-crate', 'slsa'] as const)(
    'exportLineage() as %s says which options it needs',
    (format) => {
      expect(thrownBy(() => exportLineage(exampleGraph, format))).toMatchObject({
        code: 'LINEAGE_OPTIONS_MISSING',
      });
    },
  );
});

/** The same object with its keys, and those within, in another order. */
function reverseKeys<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const entries = Object.entries(value).map(([key, item]) => [key, reverseKeys(item)] as const);
  return Object.fromEntries(entries.reverse()) as T;
}
