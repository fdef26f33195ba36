import fc from 'fast-check';
import {
  type HashedEntry,
  MERGE_BYTES_MAX,
  MERGE_COUNT,
  planKeptSegments,
  type Segment,
  type SegmentLine,
} from './segment-plan';

const sizes = fc.oneof(
  fc.integer({ min: 1, max: 2000 }),
  fc.integer({ min: 1, max: 2 * MERGE_BYTES_MAX }),
);

/** Segments of a line each, of which some are still in the buffer, and new entries. */
const situations = fc.record({
  old: fc.array(fc.record({ bytes: sizes, isLive: fc.boolean() }), { maxLength: 40 }),
  fresh: fc.array(sizes, { maxLength: 5 }),
});

function lay({ old, fresh }: { old: { bytes: number; isLive: boolean }[]; fresh: number[] }) {
  const lines = new Map<string, SegmentLine>();
  const entries: HashedEntry[] = [];
  for (const [index, { bytes, isLive }] of old.entries()) {
    const segment: Segment = { path: `${index}`, bytes, lineCount: 1 };
    lines.set(`old ${index}`, { segment, line: 0, bytes });
    if (isLive) entries.push({ sha256: `old ${index}`, bytes });
  }
  for (const [index, bytes] of fresh.entries()) entries.push({ sha256: `new ${index}`, bytes });
  return { entries, lines };
}

describe('planKeptSegments()', () => {
  it('keeps what is in the buffer alone, and all of it if there is nothing new', () => {
    fc.assert(
      fc.property(situations, (situation) => {
        const { entries, lines } = lay({ ...situation, fresh: [] });
        const live = entries.map(({ sha256 }) => lines.get(sha256)!.segment);
        expect([...planKeptSegments(entries, lines)]).toEqual(live);
      }),
    );
  });

  it('leaves fewer than MERGE_COUNT segments of the size of what is written', () => {
    fc.assert(
      fc.property(situations, (situation) => {
        fc.pre(situation.fresh.length > 0);
        const { entries, lines } = lay(situation);
        const kept = planKeptSegments(entries, lines);
        const writtenBytes = entries
          .filter(({ sha256 }) => !kept.has(lines.get(sha256)?.segment as Segment))
          .reduce((sum, { bytes }) => sum + bytes, 0);
        const limit = Math.min(writtenBytes, MERGE_BYTES_MAX);
        const smaller = [...kept].filter(({ bytes }) => bytes < limit);
        expect(smaller.length).toBeLessThan(MERGE_COUNT);
      }),
    );
  });

  it('never leaves out a large segment that is mostly in the buffer', () => {
    fc.assert(
      fc.property(situations, (situation) => {
        const { entries, lines } = lay(situation);
        const kept = planKeptSegments(entries, lines);
        for (const { sha256 } of entries) {
          const segment = lines.get(sha256)?.segment;
          if (segment !== undefined && segment.bytes >= MERGE_BYTES_MAX)
            expect(kept.has(segment)).toBe(true);
        }
      }),
    );
  });

  it('leaves out a segment once less than half of it is in the buffer', () => {
    const segment: Segment = { path: 'a', bytes: 300_000, lineCount: 3 };
    const lines = new Map(
      ['a', 'b', 'c'].map((sha256, line) => [sha256, { segment, line, bytes: 100_000 }]),
    );
    const entry = (sha256: string) => ({ sha256, bytes: 100_000 });
    expect(planKeptSegments([entry('a'), entry('c')], lines)).toEqual(new Set([segment]));
    expect(planKeptSegments([entry('b'), entry('b'), entry('b')], lines)).toEqual(new Set());
  });
});
