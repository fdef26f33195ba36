import fc from 'fast-check';
import { fitLines } from './fit-lines';

describe('fitLines', () => {
  it('leaves alone what fits', () => {
    expect(fitLines('a b\n\nc', 3)).toBe('a b\n\nc');
    expect(fitLines('a '.repeat(100), Infinity)).toBe('a '.repeat(100));
  });

  it('puts the rest of a line under its second column', () => {
    const text = '  --to REMOTE  Where runs go to, such as a bucket or a folder';
    expect(fitLines(text, 45)).toBe(
      ['  --to REMOTE  Where runs go to, such as a', '               bucket or a folder'].join(
        '\n',
      ),
    );
  });

  it('breaks plain sentences at the margin', () => {
    expect(fitLines('Shows all that is known of a run', 24)).toBe('Shows all that is known\nof a run');
  }); // prettier-ignore

  it('breaks no word, and no line where there is hardly room', () => {
    const address = `https://example.org/${'x'.repeat(40)}`;
    expect(fitLines(`see ${address}`, 30)).toBe(`see\n${address}`);
    expect(fitLines('  --a-rather-long-option NAME  some words here', 30)).not.toContain('\n');
  });

  it('breaks a list of choices that is longer than its column', () => {
    expect(fitLines('  --b X  What (wasm|cpu|gpu|webgpu|reference|auto; default: wasm)', 35)).toBe(
      [
        '  --b X  What (wasm|cpu|gpu|webgpu|',
        '         reference|auto; default:',
        '         wasm)',
      ].join('\n'),
    );
  });

  it('keeps every word in its order', () => {
    fc.assert(
      fc.property(fc.array(fc.stringMatching(/^[a-z]{1,9}$/)), fc.integer({ min: 24, max: 80 }), (words, width) => {
        const lines = fitLines(words.join(' '), width);
        expect(lines.split(/\s+/).filter(Boolean)).toEqual(words);
        for (const line of lines.split('\n')) expect(line.length).toBeLessThanOrEqual(width);
      }),
    );
  }); // prettier-ignore
});
