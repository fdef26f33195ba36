import { distance } from 'fastest-levenshtein';

/**
 * The candidate that a mistyped name most likely means, for "did you mean …?": the one fewest edits away, the first of
 * equals. None if even that one differs in more than a third of the letters (at least two edits are always forgiven,
 * but never a whole name).
 */
export function nearestName(name: string, candidates: Iterable<string>): string | undefined {
  let nearest: string | undefined;
  let fewestEdits = Infinity;
  for (const candidate of candidates) {
    const edits = distance(name.toLowerCase(), candidate.toLowerCase());
    if (edits < fewestEdits && isClose(edits, Math.max(name.length, candidate.length))) {
      nearest = candidate;
      fewestEdits = edits;
    }
  }
  return nearest;
}

function isClose(edits: number, longerLength: number): boolean {
  return edits < longerLength && edits <= Math.max(2, longerLength / 3);
}
