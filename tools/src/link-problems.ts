import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import type { TextFile } from './files';
import { headingAnchors, markdownLinks } from './markdown';

/** A sentence for each relative link of a Markdown file whose target, or heading in it, does not exist. */
export function linkProblems(document: TextFile, root: string): string[] {
  return markdownLinks(document.text)
    .filter((link) => !/^[a-z][a-z+.-]*:/i.test(link))
    .map((link) => linkProblem(document, link, root))
    .filter((problem) => problem !== undefined);
}

function linkProblem(document: TextFile, link: string, root: string): string | undefined {
  const [path = '', anchor] = decodeURI(link).split('#');
  const target = path === '' ? join(root, document.path) : join(root, dirname(document.path), path);
  if (path.startsWith('/') || relative(root, target).split(sep)[0] === '..') {
    return `${document.path} links to ${link}, which is outside of the repository`;
  }
  if (!existsSync(target)) return `${document.path} links to ${link}, which does not exist`;
  if (anchor === undefined || anchor === '' || statSync(target).isDirectory()) return undefined;
  if (!target.endsWith('.md') || headingAnchors(readFileSync(target, 'utf8')).has(anchor)) {
    return undefined;
  }
  return `${document.path} links to ${link}, but no heading there makes the anchor "${anchor}"`;
}
