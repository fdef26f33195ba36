import type { LineageNode } from './lineage-node';

const LABEL_CHARACTERS = 60;

/** What a picture says of a node, line by line. */
export function nodeLabel(node: LineageNode): string[] {
  if (node.kind === 'run') return [node.job, node.name ?? node.runId, node.status.toLowerCase()].map(shorten); // prettier-ignore
  const aliases = node.aliases.length === 0 ? [] : [node.aliases.map((alias) => `@${alias}`).join(' ')]; // prettier-ignore
  const external = node.isExternal ? `${node.type}, external` : node.type;
  return [node.id, external, ...aliases].map(shorten);
}

/** One line of at most 60 code points, the end cut off. */
export function shorten(text: string): string {
  const characters = Array.from(text.toWellFormed().replace(/[\p{Cc}\u2028\u2029]+/gu, ' '));
  if (characters.length <= LABEL_CHARACTERS) return characters.join('');
  return `${characters.slice(0, LABEL_CHARACTERS - 1).join('')}…`;
}
