import { parallelCoordinates, type SweepSummary, type TrialSummary } from '../index';
import { scaleColour } from './colour-scale';

const RATE = { distribution: 'log_uniform', low: 1e-4, high: 1e-2 } as const;

describe('parallelCoordinates()', () => {
  it('puts values where they belong, on linear and logarithmic axes and at choices', () => {
    const svg = parallelCoordinates({
      ...summaryOf([
        { trial: 1, value: 1, parameters: { 'a.depth': 1, 'b.rate': 1e-3, 'c.name': 'y' } },
        { trial: 2, value: 3, parameters: { 'a.depth': 5, 'b.rate': 1e-2, 'c.name': 'x' } },
      ]),
      space: {
        'a.depth': { distribution: 'int', low: 1, high: 5 },
        'b.rate': RATE,
        'c.name': { values: ['x', 'y', 'z'] },
      },
    });

    // Axes at x = 72, 282.7, 493.3 and 704, from y = 400 up to 100.
    expect(linesOf(svg).map(({ points }) => points)).toEqual([
      '72.0,100.0 282.7,100.0 493.3,400.0 704.0,100.0',
      '72.0,400.0 282.7,250.0 493.3,250.0 704.0,400.0',
    ]);
    expect(textsOf(svg)).toEqual(
      expect.arrayContaining(['depth', 'rate (log)', 'name', '0.0001', '0.001', '0.01', 'z']),
    );
  });

  it('draws failed trials first, grey and dashed, and the best one last, dark and thick', () => {
    const rate = { 'b.rate': 1e-3 };
    const trials: Facts[] = [
      { trial: 1, value: 0.2, parameters: rate },
      { trial: 2, value: null, state: 'FAILED', parameters: rate },
      { trial: 3, value: 0.9, parameters: rate },
      { trial: 4, value: 0.5, parameters: rate },
    ];
    const smallest = linesOf(parallelCoordinates(summaryOf(trials)));
    expect(smallest.map(({ trial }) => trial)).toEqual([2, 3, 4, 1]);
    expect(smallest[0]?.line).toContain('stroke="#8c959f" stroke-width="1" stroke-dasharray');
    expect(smallest[1]?.line).toContain(`stroke="${scaleColour(1)}" stroke-width="1.6"`);
    expect(smallest[3]?.line).toContain(`stroke="${scaleColour(0)}" stroke-width="3"`);

    const largest = linesOf(parallelCoordinates({ ...summaryOf(trials), direction: 'max' }));
    expect(largest.map(({ trial }) => trial)).toEqual([2, 1, 4, 3]);
    expect(largest[3]?.line).toContain(`stroke="${scaleColour(0)}"`);
  });

  it('says of each line which trial it is, and of the whole what it shows', () => {
    const svg = parallelCoordinates(
      summaryOf([
        { trial: 7, value: 0.123456, parameters: { 'b.rate': 1e-3 } },
        { trial: 8, value: null, state: 'FAILED', parameters: { 'b.rate': 0.005 } },
        { trial: 9, value: 2, state: 'STOPPED', parameters: { 'b.rate': 0.002 } },
      ]),
    );
    expect(linesOf(svg).map(({ title }) => title)).toEqual([
      'trial 8 (failed): b.rate 0.005, no value',
      'trial 9 (stopped): b.rate 0.002, loss/val 2',
      'trial 7 (completed): b.rate 0.001, loss/val 0.1235',
    ]);
    expect(svg).toContain('role="img" aria-labelledby="parallel-coordinates-title ');
    expect(svg).toContain('<title id="parallel-coordinates-title">Sweep demo</title>');
    expect(svg).toContain(
      'Parallel coordinates of 3 trials: 1 completed, 1 stopped early (thin lines), 1 failed (grey, dashed): b.rate and loss/val, the smaller the better.',
    );
  });

  it('marks the best trial by a dot and a white edge, and names it', () => {
    const svg = parallelCoordinates(
      summaryOf(
        [1, 2, 3].map((trial) => ({ trial, value: trial, parameters: { 'b.rate': 1e-3 } })),
      ),
    );
    expect(textsOf(svg)).toContain(
      'best: trial 1 (thick line), loss/val 1; the smaller the better',
    );
    expect(svg.match(/<circle /g)).toHaveLength(1);
    expect(svg).toContain(`<circle cx="704.0" cy="400.0" r="5" fill="${scaleColour(0)}"`);
    const edge = svg.indexOf('stroke="white" stroke-width="7"');
    expect(edge).toBeGreaterThan(svg.indexOf('<title>trial 2'));
    expect(edge).toBeLessThan(svg.indexOf('<title>trial 1'));
  });

  it('has one place for a choice that is a list, and tells long choices apart', () => {
    const values = [[1, 2, 3], '/data/of/a/long/path/in/one', '/data/of/a/long/path/in/two'];
    const svg = parallelCoordinates({
      ...summaryOf(
        values.map((value, at) => ({ trial: at + 1, value: at, parameters: { 'a.x': value } })),
      ),
      space: { 'a.x': { values } },
    });
    const texts = textsOf(svg);
    expect(texts).toEqual(
      expect.arrayContaining(['[1,2,3]', '/data/of/a/…/path/in/one', '/data/of/a/…/path/in/two']),
    );
    expect(texts).not.toContain('3');
  });

  it('has a logarithmic axis of the metric where one value would flatten all others', () => {
    const trials = [0.1, 0.2, 1e6].map((value, index) => ({
      trial: index + 1,
      value,
      parameters: { 'b.rate': 1e-3 },
    }));
    expect(textsOf(parallelCoordinates(summaryOf(trials)))).toContain('loss/val (log)');
    expect(textsOf(parallelCoordinates(summaryOf(trials.slice(0, 2))))).toContain('loss/val');
  });

  it.each([1, 2, 3, 5, 8, 10, 14])('writes no label over another: %d parameters', (count) => {
    const keys = Array.from(
      { length: count },
      (_, index) => `section.${'very_long_name_'.repeat(3)}${index}`,
    );
    const svg = parallelCoordinates({
      ...summaryOf([
        {
          trial: 1,
          value: 0.123456789,
          parameters: Object.fromEntries(keys.map((key) => [key, 1.23456e-4])),
        },
      ]),
      space: Object.fromEntries(
        keys.map((key) => [
          key,
          { distribution: 'uniform' as const, low: 1.23456e-7, high: 123456.789 },
        ]),
      ),
    });

    const ticks = boxesOf(
      svg,
      /<text x="([\d.]+)" y="([\d.]+)" text-anchor="end" font-size="10"[^>]*>([^<]*)</g,
    );
    expect(ticks.length).toBeGreaterThanOrEqual(2 * count);
    for (const [index, box] of ticks.entries()) {
      expect(box.left).toBeGreaterThanOrEqual(0);
      for (const other of ticks.slice(index + 1)) {
        const isBeside = box.right <= other.left || other.right <= box.left;
        expect(isBeside || Math.abs(box.y - other.y) >= 10).toBe(true);
      }
    }
    // Slanted by 40 degrees, neighbouring lines of text are sin 40° of the axes' distance apart.
    const names = [...svg.matchAll(/rotate\(-40 ([\d.]+) /g)].map(([, x]) => Number(x));
    expect(names).toHaveLength(count);
    for (const [index, x] of names.slice(1).entries()) {
      expect((x - names[index]!) * Math.sin((40 * Math.PI) / 180)).toBeGreaterThan(14);
    }
    const { width } = /width="(?<width>\d+)"/.exec(svg)!.groups!;
    expect(Number(width)).toBe(Math.max(800, 72 + 96 + 64 * count));
  });

  it('stays small and quick with 1,000 trials of 10 parameters', () => {
    const keys = Array.from({ length: 10 }, (_, index) => `model.key_${index}`);
    const trials = Array.from({ length: 1000 }, (_, index) => ({
      trial: index + 1,
      value: index / 7,
      parameters: Object.fromEntries(
        keys.map((key, at) => [key, ((index * (at + 3)) % 101) / 101]),
      ),
    }));
    const svg = parallelCoordinates({
      ...summaryOf(trials),
      space: Object.fromEntries(
        keys.map((key) => [key, { distribution: 'uniform' as const, low: 0, high: 1 }]),
      ),
    });
    expect(linesOf(svg)).toHaveLength(1000);
    expect(svg.length).toBeLessThan(800_000);
  });
});

describe('scaleColour()', () => {
  it('gets lighter in even steps', () => {
    const light = Array.from({ length: 21 }, (_, index) => lightness(scaleColour(index / 20)));
    const steps = light.slice(1).map((value, index) => value - light[index]!);
    expect(Math.min(...steps)).toBeGreaterThan(
      0.5 * (steps.reduce((sum, step) => sum + step, 0) / 20),
    );
    expect(Math.max(...steps)).toBeLessThan(
      1.5 * (steps.reduce((sum, step) => sum + step, 0) / 20),
    );
  });

  it('takes a position beyond an end for that end', () => {
    expect(scaleColour(-1)).toBe(scaleColour(0));
    expect(scaleColour(2)).toBe(scaleColour(1));
    expect(() => scaleColour(NaN)).toThrow(RangeError);
  });
});

// Helpers

type Facts = Partial<TrialSummary> & Pick<TrialSummary, 'trial' | 'value' | 'parameters'>;

function summaryOf(trials: readonly Facts[]): SweepSummary {
  return {
    tag: 'demo',
    mode: 'sft',
    metric: 'loss/val',
    direction: 'min',
    space: { 'b.rate': RATE },
    trials: trials.map((facts) => ({
      runId: `demo-${facts.trial}`,
      state: 'COMPLETED',
      steps: 10,
      ...facts,
    })),
  };
}

function linesOf(svg: string): { line: string; points: string; title: string; trial: number }[] {
  return Array.from(
    svg.matchAll(/<polyline points="([^"]*)"[^>]*><title>([^<]*)<\/title><\/polyline>/g),
    ([line, points, title]) => ({
      line,
      points: points!,
      title: title!,
      trial: Number(/\d+/.exec(title!)?.[0]),
    }),
  );
}

function textsOf(svg: string): string[] {
  return Array.from(svg.matchAll(/<text [^>]*>([^<]*)</g), ([, text]) => text!);
}

/** Where texts that end at their x stand, by what a character takes at most in 10 pixels. */
function boxesOf(svg: string, pattern: RegExp): { left: number; right: number; y: number }[] {
  return Array.from(svg.matchAll(pattern), ([, x, y, text]) => ({
    left: Number(x) - text!.length * 5.8,
    right: Number(x),
    y: Number(y),
  }));
}

/** L* of CIELAB. */
function lightness(colour: string): number {
  const [red, green, blue] = [1, 3, 5].map((at) => {
    const channel = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
    return channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4;
  });
  return 116 * Math.cbrt(0.2126 * red! + 0.7152 * green! + 0.0722 * blue!) - 16;
}
