import { renderExample } from './example-text';
import { ReasoningEpisode } from './reasoning-episode';
import { createExample } from './reasoning-example';
import { cellToken, numberToken, TOKENS } from './vocabulary';

const SUM = createExample({ level: 'hard', split: 'test', index: 6, seed: 0 });

describe('renderExample()', () => {
  it('shows question, canvas, crops and steps of the demonstration', () => {
    const lines = renderExample(SUM).split('\n');
    expect(lines).toHaveLength(17);
    expect(lines[0]).toBe(
      'hard: What is the sum of the digits at C8 (row 3, column 1) and C2 (row 1, column 3)?',
    );
    expect(lines[1]).toBe(
      'canvas                        C8 at full resolution         C2 at full resolution',
    );
    expect(lines[2]).toBe('              @@@@@@@@@@@@@@');
    expect(lines[16]).toBe('zooms into C8, reads 4, zooms into C2, reads 0, answers 4: right');
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(100);
  });

  it('says what is wrong with an answer', () => {
    const episode = new ReasoningEpisode(SUM);
    for (const token of [TOKENS.answer, numberToken(5), TOKENS.end]) episode.emit(token);
    expect(renderExample(SUM, episode).split('\n').at(-1)).toBe('answers 5: wrong, it is 4');
  });

  it('says that there is no answer', () => {
    const episode = new ReasoningEpisode(SUM);
    for (const token of [TOKENS.properties, cellToken(0), TOKENS.end]) episode.emit(token);
    expect(renderExample(SUM, episode).split('\n').at(-1)).toBe(
      'finds C0 EMPTY, gives no answer (invalid), it is 4',
    );
  });

  it.each([
    ['digit', 'simple', /^simple: Which digit is at C0\?$/],
    ['count', 'medium', /^medium: How many digits are there\?$/],
    [
      'compare',
      'medium',
      /^medium: Is the digit at C\d \(.*\) greater than the one at C\d \(.*\)\?$/,
    ],
  ] as const)('asks for a %s in words', (kind, level, words) => {
    const asked = Array.from({ length: 60 }, (_, index) =>
      createExample({ level, split: 'test', index, seed: 0 }),
    ).find((example) => example.kind === kind);
    expect(renderExample(asked!).split('\n')[0]).toMatch(words);
  });

  it('draws a flat picture as blank', () => {
    const flat = { ...SUM, canvas: new Uint8Array(784).fill(200), demonstration: [] };
    expect(renderExample(flat).split('\n').slice(2, 16).join('')).toBe('');
  });
});
