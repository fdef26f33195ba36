import * as fc from 'fast-check';
import { XMLParser, XMLValidator } from 'fast-xml-parser';
import {
  importancePlot,
  importances,
  parallelCoordinates,
  sweepReport,
  type SweepSummary,
  sweepTable,
  type TrialSummary,
} from '../index';

const word = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc.constantFrom('loss/val', '</text>', '`|*', 'ü😀', ']]>', '&amp;', '\u001b[31m'),
);
const finite = fc.double({ noNaN: true, noDefaultInfinity: true });
const plainValue = fc.oneof(
  finite,
  fc.integer({ min: -5, max: 40 }),
  word,
  fc.boolean(),
  fc.constant(null),
);
const key = fc.oneof(
  fc.constantFrom('training.learning_rate', 'model.layers', 'data.batch_size', 'a.layers'),
  fc.string({ minLength: 1, maxLength: 50 }).filter((text) => text !== '__proto__'),
);
const range = fc
  .record({
    distribution: fc.constantFrom('uniform', 'log_uniform', 'int', 'log_int'),
    bounds: fc.oneof(
      fc.tuple(finite, finite),
      fc.tuple(fc.integer({ min: 1, max: 99 }), fc.integer({ min: 1, max: 9999 })),
    ),
    step: fc.option(fc.double({ min: 1e-3, max: 1e3, noNaN: true }), { nil: undefined }),
  })
  .map(({ distribution, bounds: [a, b], step }) => ({
    distribution,
    low: Math.min(a, b),
    high: Math.max(a, b),
    ...(step !== undefined && { step }),
  }));
const parameter = fc.oneof(
  fc.record({ values: fc.array(plainValue, { minLength: 1, maxLength: 40 }) }),
  range,
);

/** A value for each key, or for some of them. */
function parametersOf(keys: readonly string[]): fc.Arbitrary<TrialSummary['parameters']> {
  if (keys.length === 0) return fc.constant({});
  return fc.oneof(
    { weight: 3, arbitrary: fc.record(Object.fromEntries(keys.map((name) => [name, plainValue]))) },
    { weight: 1, arbitrary: fc.dictionary(fc.constantFrom(...keys), plainValue) },
  );
}

/** Any sweep at all: values beside the space, parameters that are missing, names that mean something to XML and Markdown. */
const anySummary: fc.Arbitrary<SweepSummary> = fc
  .dictionary(key, parameter, { maxKeys: 12 })
  .chain((space) =>
    fc.record({
      tag: fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,89}$/),
      mode: fc.constant('sft' as const),
      metric: word,
      direction: fc.constantFrom('min', 'max'),
      space: fc.constant(space),
      trials: fc.uniqueArray(
        fc.record(
          {
            trial: fc.integer({ min: 1, max: 9999 }),
            runId: word,
            state: fc.constantFrom('COMPLETED', 'FAILED', 'STOPPED'),
            parameters: parametersOf(Object.keys(space)),
            value: fc.oneof(finite, fc.constant(null), fc.constantFrom(0.5, 1, NaN, Infinity)),
            steps: fc.nat({ max: 300 }),
            error: fc.record({ code: fc.constant('X_Y'), message: word }),
            results: fc.dictionary(key, finite, { maxKeys: 3 }),
          },
          { requiredKeys: ['trial', 'runId', 'state', 'parameters', 'value', 'steps'] },
        ),
        { selector: ({ trial }) => trial, maxLength: 30 },
      ),
    }),
  );

describe('any sweep', () => {
  it('gives figures that are well-formed XML without an impossible number', () => {
    fc.assert(
      fc.property(anySummary, (summary) => {
        for (const svg of figuresOf(summary)) {
          expect(XMLValidator.validate(svg)).toBe(true);
          expect(attributesOf(svg)).not.toMatch(/NaN|Infinity|undefined|e[+-]\d/);
        }
      }),
    );
  });

  it('draws every trial, and all within the sheet', () => {
    fc.assert(
      fc.property(anySummary, (summary) => {
        const svg = parallelCoordinates(summary);
        const lines = [...svg.matchAll(/<polyline points="([^"]*)"/g)];
        expect(lines).toHaveLength(summary.trials.length);
        const { width, height } = sizeOf(svg);
        for (const point of lines.flatMap(([, points]) => points!.split(' '))) {
          const [x, y] = point.split(',').map(Number);
          expect(x! >= 0 && x! <= width && y! >= 0 && y! <= height).toBe(true);
        }
      }),
    );
  });

  it('gives the same table, report and figures in whatever order its trials and keys come', () => {
    fc.assert(
      fc.property(anySummary, fc.infiniteStream(fc.nat()), (summary, numbers) => {
        const shuffled = {
          ...summary,
          trials: summary.trials
            .map((trial) => ({ trial, place: numbers.next().value as number }))
            .sort((a, b) => a.place - b.place)
            .map(({ trial }) => trial),
          space: Object.fromEntries(Object.entries(summary.space).reverse()),
        };
        expect(everythingOf(shuffled)).toEqual(everythingOf(summary));
      }),
    );
  });

  it('has importances that sum to 1, or says why they cannot be told', () => {
    fc.assert(
      fc.property(anySummary, (summary) => {
        const { parameters, reason, best, trials } = importances(summary);
        expect(parameters.map(({ key: name }) => name).sort()).toEqual(
          Object.keys(summary.space).sort(),
        );
        const shares = parameters.flatMap(({ share }) => share ?? []);
        if (reason === undefined) {
          expect(shares.every((share) => share >= 0)).toBe(true);
          expect(shares.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 12);
          expect(best).toBeLessThan(trials);
        } else expect(shares).toEqual([]);
        for (const { share, reason: why } of parameters)
          expect(why !== undefined).toBe(share === null);
      }),
    );
  });

  it('has a table of lines that fit', () => {
    fc.assert(
      fc.property(anySummary, fc.integer({ min: 40, max: 160 }), (summary, width) => {
        const lines = sweepTable(summary, { width, rows: 5 }).split('\n');
        for (const line of lines) {
          expect(Array.from(line).length).toBeLessThanOrEqual(width);
          expect(line).not.toMatch(/[\p{Cc}\p{Cf}]/u);
        }
      }),
    );
  });

  it('has a report whose tables have as many cells in each row', () => {
    fc.assert(
      fc.property(anySummary, (summary) => {
        const lines = sweepReport(summary).split('\n');
        let cells = 0;
        for (const [index, line] of lines.entries()) {
          if (!line.startsWith('| ')) continue;
          const count = line.split(/(?<!\\)\|/).length;
          if (lines[index - 1]?.startsWith('| ') !== true) cells = count;
          expect({ line, count }).toEqual({ line, count: cells });
        }
      }),
    );
  });
});

// Helpers

function figuresOf(summary: SweepSummary): string[] {
  return [parallelCoordinates(summary), importancePlot(importances(summary), summary)];
}

function everythingOf(summary: SweepSummary): string[] {
  return [...figuresOf(summary), sweepReport(summary), sweepTable(summary)];
}

/** All that is markup, without the texts, which may hold any word. */
function attributesOf(svg: string): string {
  return (svg.match(/<[^>]*>/g) ?? []).join('\n');
}

function sizeOf(svg: string): { width: number; height: number } {
  const parsed = new XMLParser({ ignoreAttributes: false, parseAttributeValue: true }).parse(
    svg,
  ) as {
    svg: { '@_width': number; '@_height': number };
  };
  return { width: parsed.svg['@_width'], height: parsed.svg['@_height'] };
}
