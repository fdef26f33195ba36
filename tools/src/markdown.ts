/** A fenced block of code. */
export interface CodeBlock {
  readonly language: string;
  readonly lines: readonly string[];
}

/** Markdown taken apart: fenced code and all the rest. */
export interface MarkdownParts {
  readonly blocks: readonly CodeBlock[];
  /** Lines outside of fenced blocks. */
  readonly prose: readonly string[];
}

interface OpenBlock {
  fence: string;
  language: string;
  lines: string[];
}

/** Separates the fenced code of a Markdown text from its prose. */
export function markdownParts(text: string): MarkdownParts {
  const blocks: CodeBlock[] = [];
  const prose: string[] = [];
  let open: OpenBlock | undefined;
  for (const line of text.split(/\r?\n/)) {
    const [, fence = '', language = ''] = /^\s*(`{3,}|~{3,})\s*([\w-]*)/.exec(line) ?? [];
    if (open === undefined) {
      if (fence === '') prose.push(line);
      else open = { fence, language, lines: [] };
    } else if (fence.startsWith(open.fence) && line.trim() === fence) {
      blocks.push(open);
      open = undefined;
    } else {
      open.lines.push(line);
    }
  }
  return { blocks, prose };
}

/** Targets of the links and images in a Markdown text, code left out. */
export function markdownLinks(text: string): string[] {
  const prose = markdownParts(text)
    .prose.join('\n')
    .replace(/`[^`\n]*`/g, '');
  const inline = [...prose.matchAll(/\]\(\s*<?([^)\s>]+)>?(?:\s+"[^"]*")?\s*\)/g)];
  const defined = [...prose.matchAll(/^\s*\[[^\]]+\]:\s*(\S+)/gm)];
  return [...inline, ...defined].map(([, target = '']) => target);
}

/** What stands in backticks in the prose of a Markdown text. */
export function inlineCode(text: string): string[] {
  const prose = markdownParts(text).prose.join('\n');
  return [...prose.matchAll(/`([^`\n]+)`/g)].map(([, code = '']) => code);
}

/** The anchors of a Markdown text's headings, as GitHub makes them. */
export function headingAnchors(text: string): Set<string> {
  const headings = markdownParts(text).prose.filter((line) => /^#{1,6}\s/.test(line));
  return new Set(headings.map((line) => anchorOf(line.replace(/^#+\s+/, ''))));
}

function anchorOf(heading: string): string {
  return heading
    .trim()
    .toLowerCase()
    .replace(/[^\p{Letter}\p{Number}\s_-]/gu, '')
    .replace(/\s/g, '-');
}
