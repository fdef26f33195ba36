import { compileFunction } from 'node:vm';

interface Transformer {
  process(source: string, filename: string): { code: string };
  getCacheKey(source: string, filename: string): string;
}

const README = `# @pixelis/sums

\`\`\`sh
npm install @pixelis/sums
\`\`\`

\`\`\`ts
import { equal } from '@pixelis/core';
import { sum } from '@pixelis/sums';

export const isRight: boolean = equal(sum(1, 2), 3);
\`\`\`

\`\`\`ts
neither this
\`\`\`

\`\`\`text
3 "three"
\`\`\`
`;

const transformer = jest.requireActual<Transformer>('../readme-example-transformer.cjs');

/** What the module in `readme` exports, and what it required. */
function load(readme: string): { exported: object; required: string[] } {
  const exported = {};
  const required: string[] = [];
  function requireModule(name: string) {
    required.push(name);
    return { equal: Object.is, sum: (first: number, second: number) => first + second };
  }
  const { code } = transformer.process(readme, '/sums/README.md');
  const run = compileFunction(code, ['require', 'exports']);
  Reflect.apply(run, undefined, [requireModule, exported]);
  return { exported, required };
}

describe('readme-example-transformer.cjs', () => {
  it.each([
    ['\\n', README],
    ['\\r\\n', README.replaceAll('\n', '\r\n')],
  ])('makes a module of the first example, where lines end in %s', (_, readme) => {
    const { exported, required } = load(readme);
    expect({ ...exported }).toEqual({ isRight: true, printed: '3 "three"\n' });
    expect(required).toEqual(['@pixelis/core', './src/index']);
  });

  it('refuses a README without an example by its path', () => {
    expect(() => transformer.process('# @pixelis/sums\n', '/sums/README.md')).toThrow(
      '/sums/README.md has no block of ts',
    );
  });

  it('names the line of the README in what is wrong with the example', () => {
    const broken = README.replace('sum(1, 2)', 'sum(1, 2');
    const line = README.split('\n').findIndex((text) => text.includes('sum(1, 2)')) + 1;
    expect(() => transformer.process(broken, '/sums/README.md')).toThrow(
      `/sums/README.md:${line}:`,
    );
  });

  it('caches by the text and the path', () => {
    const key = transformer.getCacheKey(README, '/sums/README.md');
    expect(transformer.getCacheKey(README, '/sums/README.md')).toBe(key);
    expect(transformer.getCacheKey(`${README}\n`, '/sums/README.md')).not.toBe(key);
    expect(transformer.getCacheKey(README, '/other/README.md')).not.toBe(key);
  });
});
