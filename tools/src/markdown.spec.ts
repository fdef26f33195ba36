import { headingAnchors, inlineCode, markdownLinks, markdownParts } from './markdown';

const TEXT = [
  '# Data & runs',
  'See [a](docs/a.md), ![b](b.svg "title") and [c][c], not `[d](d.md)`.',
  '',
  '```ts',
  "const link = '[e](e.md)';",
  '# no heading',
  '```',
  '',
  '````md',
  '```sh',
  'npm ci',
  '```',
  '````',
  '## `Run` folders',
  '[c]: c.md',
].join('\n');

describe('markdownParts', () => {
  it('takes each fenced block with its language, one inside another as text', () => {
    expect(markdownParts(TEXT).blocks).toEqual([
      { fence: '```', language: 'ts', lines: ["const link = '[e](e.md)';", '# no heading'] },
      { fence: '````', language: 'md', lines: ['```sh', 'npm ci', '```'] },
    ]);
  });

  it('reads lines that end as on Windows', () => {
    expect(markdownParts('```sh\r\nnpm ci\r\n```\r\n').blocks[0]?.lines).toEqual(['npm ci']);
  });
});

describe('markdownLinks', () => {
  it('finds inline links, images and definitions outside of code', () => {
    expect(markdownLinks(TEXT)).toEqual(['docs/a.md', 'b.svg', 'c.md']);
  });
});

describe('inlineCode', () => {
  it('gives what stands in backticks', () => {
    expect(inlineCode(TEXT)).toEqual(['[d](d.md)', 'Run']);
  });
});

describe('headingAnchors', () => {
  it('makes anchors as GitHub does', () => {
    expect([...headingAnchors(TEXT)]).toEqual(['data--runs', 'run-folders']);
  });
});
