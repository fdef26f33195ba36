/** What runs the configurations that have a section of its own. */
export interface SectionOwner {
  /** What the section makes of a configuration, such as `a sweep`. */
  readonly kind: string;
  /** The command that takes such a file, but for its path. */
  readonly command: string;
}

const OWNERS: ReadonlyMap<unknown, SectionOwner> = new Map([
  ['sweep', { kind: 'a sweep', command: 'npx nx run sweep:default -- --config' }],
  ['evaluation', { kind: 'an evaluation', command: 'npx nx run evaluate:default -- --config' }],
]);

/** Whose section a key is that one entry point alone has; undefined for any other key. */
export function ownerOfSection(key: unknown): SectionOwner | undefined {
  return OWNERS.get(key);
}
