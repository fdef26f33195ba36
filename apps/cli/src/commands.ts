import type { Command } from './command';

/** A command that is loaded when it is called, so that `pixelis --help` is quick. */
export interface CommandEntry {
  /** What follows `pixelis`. */
  readonly name: string;
  /** One line. */
  readonly summary: string;
  readonly load: () => Promise<Command>;
}

/** Commands in the order of `pixelis --help`. */
export const commandEntries: readonly CommandEntry[] = [
  {
    name: 'artifacts list',
    summary: 'Lists the versions of artifacts in the store',
    load: async () => (await import('./commands/artifacts-list.js')).artifactsList,
  },
  {
    name: 'artifacts show',
    summary: 'Shows a version: what it holds, where it came from, what happened to its name',
    load: async () => (await import('./commands/artifacts-show.js')).artifactsShow,
  },
  {
    name: 'artifacts get',
    summary: 'Writes the files of a version into a new folder, each verified',
    load: async () => (await import('./commands/artifacts-get.js')).artifactsGet,
  },
  {
    name: 'artifacts put',
    summary: 'Puts a file or folder into the store; new content becomes a new version',
    load: async () => (await import('./commands/artifacts-put.js')).artifactsPut,
  },
  {
    name: 'artifacts alias',
    summary: 'Points an alias of an artifact at a version, or removes it',
    load: async () => (await import('./commands/artifacts-alias.js')).artifactsAlias,
  },
  {
    name: 'artifacts rollback',
    summary: 'Points an alias, latest too, back at an earlier version, and records that',
    load: async () => (await import('./commands/artifacts-rollback.js')).artifactsRollback,
  },
  {
    name: 'artifacts verify',
    summary: 'Reads the whole store, finds every flipped bit and names the artifacts that it hurts',
    load: async () => (await import('./commands/artifacts-verify.js')).artifactsVerify,
  },
  {
    name: 'artifacts gc',
    summary:
      'Gives up versions by a policy and content that nothing holds; a dry run unless --apply',
    load: async () => (await import('./commands/artifacts-gc.js')).artifactsGc,
  },
];

/** Commands that the design names but this version lacks. */
export const laterCommands: readonly string[] = [
  'manifest', 'verify', 'diff', 'env', 'doctor', 'trace', 'studio', 'analyze-lora-ranks', 'micro-benchmark',
]; // prettier-ignore
