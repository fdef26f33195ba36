import type { ConfigPath } from './config-path';
import type { ConfigNode } from './config-tree';
import { type Renaming, renamingWarning } from './renaming';

/** A value that a layer sets, as a tree. */
export interface PlacedNode {
  path: readonly string[];
  node: ConfigNode;
  isWhole: boolean;
}

/** What {@link renameKeys} comes to. */
export interface RenamedKeys {
  placed: PlacedNode[];
  warnings: string[];
  /** Renamed keys that are given by both names. */
  contradictions: { renaming: Renaming; placed: PlacedNode }[];
}

/** Brings what one layer sets by old keys to the present ones. */
export function renameKeys(
  placed: readonly PlacedNode[],
  renamings: readonly Renaming[],
): RenamedKeys {
  const result: RenamedKeys = { placed: [...placed], warnings: [], contradictions: [] };
  for (const renaming of renamings) {
    const [from, to] = [renaming.from.split('.'), renaming.to.split('.')];
    const parts = result.placed.flatMap((each) => splitAt(each, from));
    const old = parts.filter(({ path }) => startsWith(path, from));
    if (old.length === 0) continue;
    result.warnings.push(renamingWarning(renaming));
    const rest = parts.filter(({ path }) => !startsWith(path, from));
    const [first] = old;
    const isTwice = rest
      .flatMap((each) => splitAt(each, to))
      .some(({ path }) => startsWith(path, to));
    if (isTwice && first !== undefined) result.contradictions.push({ renaming, placed: first });
    result.placed = parts.map((each) => {
      if (!startsWith(each.path, from)) return each;
      return { ...each, path: [...to, ...each.path.slice(from.length)] };
    });
  }
  return result;
}

/** Takes what stands at `target` out of a value that is set above it; both parts, or the value as it is. */
function splitAt(placed: PlacedNode, target: readonly string[]): PlacedNode[] {
  const { path, node } = placed;
  if (path.length >= target.length || !startsWith(target, path)) return [placed];
  const split = without(node, target.slice(path.length));
  if (split === undefined) return [placed];
  return [
    { ...placed, node: split.rest },
    { path: target, node: split.part, isWhole: false },
  ];
}

function without(
  node: ConfigNode,
  [key, ...below]: readonly string[],
): { rest: ConfigNode; part: ConfigNode } | undefined {
  const member = node.kind === 'section' && key !== undefined ? node.members.get(key) : undefined;
  if (node.kind !== 'section' || key === undefined || member === undefined) return undefined;
  const members = new Map(node.members);
  if (below.length === 0) {
    members.delete(key);
    return { rest: { ...node, members }, part: member };
  }
  const split = without(member, below);
  if (split === undefined) return undefined;
  members.set(key, split.rest);
  return { rest: { ...node, members }, part: split.part };
}

function startsWith(path: ConfigPath, start: ConfigPath): boolean {
  return start.length <= path.length && start.every((segment, index) => segment === path[index]);
}
