import { type MetricLine, trainingCurve } from './training-curve';

const OPTIONS = { title: 'a run', stages: ['easy', 'harder'] };

describe('trainingCurve()', () => {
  it('draws every series that it is given, over bands of the stages', () => {
    const texts = textsOf(trainingCurve(runOf(40), OPTIONS));

    expect(texts).toEqual(
      expect.arrayContaining([
        'a run',
        'loss/train (mean of 20)',
        'loss/val',
        'accuracy/simple',
        'stage easy',
        'stage harder',
      ]),
    );
    expect(texts.filter((text) => text === 'stage harder')).toHaveLength(2);
  });

  it('puts values where they belong', () => {
    const lines: MetricLine[] = [
      { step: 1, 'loss/train': 4, stage: 0 },
      { step: 2, 'loss/train': 2, stage: 0, 'accuracy/simple': 0.5 },
      { step: 4, 'loss/train': 0, stage: 0, 'accuracy/simple': 1 },
    ];

    // From x = 56 to 710 and y = 264 up to 64, loss from 0 to 4, as running means 4, 3 and 2.
    expect(pointsOf(trainingCurve(lines, OPTIONS))).toEqual([
      '219.5,64.0 383.0,114.0 710.0,164.0',
      '383.0,420.0 710.0,320.0',
    ]);
  });

  it('gives equal bytes for equal lines', () => {
    expect(trainingCurve(runOf(40), OPTIONS)).toBe(trainingCurve(runOf(40), OPTIONS));
    expect(trainingCurve(runOf(41), OPTIONS)).not.toBe(trainingCurve(runOf(40), OPTIONS));
  });

  it.each([
    ['no line', []],
    ['one line', runOf(1)],
    ['a line without values', [{ step: 3 }]],
    ['loss 0', [{ step: 1, 'loss/train': 0, stage: 0 }]],
    ['a stage without a name', [{ step: 1, 'loss/train': 1, stage: 7 }]],
  ])('is whole for %s', (_, lines) => {
    expectWellFormed(trainingCurve(lines, OPTIONS));
  });

  it('is whole for a run of 300,000 steps', () => {
    const svg = trainingCurve(runOf(300_000), OPTIONS);

    expect(textsOf(svg)).toContain('300000');
    expect(svg).not.toMatch(/NaN|Infinity/);
  });

  it('escapes what XML would take for its own, and what it cannot hold', () => {
    const title = 'a <b> & "c" ]]> \u0000\u001b\uD800 ü😀';
    const svg = trainingCurve(runOf(3), { title, stages: ['</text><script>', '&amp;'] });

    expectWellFormed(svg);
    expect(svg).toContain('a &lt;b&gt; &amp; "c" ]]&gt; \uFFFD\uFFFD\uFFFD ü😀');
    expect(svg).toContain('stage &lt;/text&gt;&lt;script&gt;');
    expect(svg).not.toContain('<script>');
  });
});

// Helpers

function runOf(steps: number): MetricLine[] {
  return Array.from({ length: steps }, (_, index) => ({
    step: index + 1,
    'loss/train': 3 / (index + 1),
    stage: index < steps / 2 ? 0 : 1,
    ...(index % 5 === 4 ? { 'loss/val': 2 / index, 'accuracy/simple': index / steps } : {}),
  }));
}

function textsOf(svg: string): string[] {
  return Array.from(svg.matchAll(/<text [^>]*>([^<]*)<\/text>/g), ([, text]) => text!);
}

function pointsOf(svg: string): string[] {
  return Array.from(svg.matchAll(/<polyline [^>]*points="([^"]*)"/g), ([, points]) => points!);
}

/** Elements closed in their order, attributes in quotes, no bare `&` or `<`, no impossible number. */
function expectWellFormed(svg: string): void {
  const open: string[] = [];
  const attribute = String.raw`\s+[a-zA-Z][\w:-]*="[^"<&]*"`;
  const tag = new RegExp(String.raw`^<(/?)([a-z]+)((?:${attribute})*)\s*(/?)>$`);
  for (const [part] of svg.matchAll(/<[^>]*>|[^<]+/g)) {
    if (!part.startsWith('<')) {
      expect(part).toMatch(/^(?:[^&]|&(?:amp|lt|gt);)*$/);
      continue;
    }
    const [, isClosing, name, , isEmpty] = tag.exec(part) ?? [];
    expect({ part, name: name === undefined ? 'none' : 'known' }).toEqual({ part, name: 'known' });
    if (isClosing === '/') expect(open.pop()).toBe(name);
    else if (isEmpty !== '/') open.push(name!);
  }
  expect(open).toEqual([]);
  expect(svg).toMatch(/^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg"/);
  expect(svg).not.toMatch(/NaN|Infinity|undefined/);
}
