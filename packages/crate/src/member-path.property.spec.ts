import { posix, win32 } from 'node:path';
import fc from 'fast-check';
import { contentMember, foldersAbove, placeOf, runMember } from './member-path';

const PARTS = ['runs', 'contents', 'a', '..', '.', '/', '//', '\\', ':', 'C:', '\0', ' ', '.lock', 'x.json', '\u202e', 'A'.repeat(300)]; // prettier-ignore
const hostileName = fc.array(fc.oneof(fc.constantFrom(...PARTS), fc.string()), { maxLength: 8 });

describe('placeOf()', () => {
  it('accepts no name that leaves its run, on any system', () => {
    fc.assert(
      fc.property(hostileName, fc.constantFrom('', 'runs/', 'runs/a/'), (parts, prefix) => {
        const member = `${prefix}${parts.join('')}`;
        const place = placeOf(member);
        if (place?.kind !== 'run') return;
        for (const system of [posix, win32]) {
          const { sep } = system;
          const base = system.resolve(sep, 'base', 'runs', place.runId);
          const target = system.resolve(sep, 'base', member);
          expect(target.startsWith(`${base}${sep}`)).toBe(true);
          expect(target).toBe([base, ...place.path.split('/')].join(sep));
        }
      }),
      { numRuns: 2000 },
    );
  });

  it('knows the members that a writer makes', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[a-z0-9]{1,9}(?:\/[a-z0-9]{1,9}){0,3}$/), (path) => {
        expect(placeOf(runMember('a-run', path))).toEqual({ kind: 'run', runId: 'a-run', path });
      }),
    );
    const sha256 = 'ab'.repeat(32);
    expect(placeOf(contentMember(sha256))).toEqual({ kind: 'content', sha256 });
  });
});

describe('foldersAbove()', () => {
  it('gives the folders that a path stands in', () => {
    expect(foldersAbove('a/b/c')).toEqual(['a', 'a/b']);
    expect(foldersAbove('a')).toEqual([]);
  });
});
