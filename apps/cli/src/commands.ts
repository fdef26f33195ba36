import type { Renaming } from '@pixelis/config';
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
    name: 'runs list',
    summary: 'Lists runs with how they stand and what they came to',
    load: async () => (await import('./commands/runs-list.js')).runsList,
  },
  {
    name: 'runs show',
    summary: 'Shows all that is known of a run',
    load: async () => (await import('./commands/runs-show.js')).runsShow,
  },
  {
    name: 'runs compare',
    summary: 'Shows where runs differ, in configuration, results and environment',
    load: async () => (await import('./commands/runs-compare.js')).runsCompare,
  },
  {
    name: 'runs audit',
    summary:
      'Finds any changed, removed, added or moved line of the audit trails, and any changed file',
    load: async () => (await import('./commands/runs-audit.js')).runsAudit,
  },
  {
    name: 'verify',
    summary: 'Trains a recorded run again from its own record and proves it bit for bit',
    load: async () => (await import('./commands/verify.js')).verify,
  },
  {
    name: 'diff',
    summary: 'Finds the first step, and in it the first tensor, at which two runs part, and why',
    load: async () => (await import('./commands/diff.js')).diff,
  },
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
  {
    name: 'lineage show',
    summary: 'Shows what an artifact or a run came from, and what came from it',
    load: async () => (await import('./commands/lineage-show.js')).lineageShow,
  },
  {
    name: 'lineage validate',
    summary: 'Looks for cycles, orphans, missing references and content that is not what it was',
    load: async () => (await import('./commands/lineage-validate.js')).lineageValidate,
  },
  {
    name: 'lineage export',
    summary: 'Exports the lineage as a picture or in a standard of the field',
    load: async () => (await import('./commands/lineage-export.js')).lineageExport,
  },
  {
    name: 'export',
    summary:
      'Writes runs and artifacts, with all that they came from, into one file (RO-Crate in a zip)',
    load: async () => (await import('./commands/export.js')).exportCommand,
  },
  {
    name: 'import',
    summary: 'Takes an exported file into the store, every hash checked',
    load: async () => (await import('./commands/import.js')).importCommand,
  },
  {
    name: 'sync',
    summary: 'Brings runs and artifacts to MLflow, Weights & Biases, S3, GCS or a folder, or back',
    load: async () => (await import('./commands/sync.js')).sync,
  },
  {
    name: 'generate-key',
    summary: 'Makes a key to sign with',
    load: async () => (await import('./commands/generate-key.js')).generateKey,
  },
  {
    name: 'sign',
    summary: 'Signs a run, a folder or an artifact by OpenSSF Model Signing',
    load: async () => (await import('./commands/sign.js')).sign,
  },
  {
    name: 'verify-signature',
    summary: 'Checks that a run, a folder or an artifact is as it was signed',
    load: async () => (await import('./commands/verify-signature.js')).verifySignatureCommand,
  },
  {
    name: 'filter-and-score',
    summary: 'Scores the examples of a data set and keeps the good ones as a versioned data set',
    load: async () => (await import('./commands/filter-and-score.js')).filterAndScoreCommand,
  },
  {
    name: 'config diff',
    summary: 'Shows where two configurations differ, and who set each value',
    load: async () => (await import('./commands/config-diff.js')).configDiff,
  },
  {
    name: 'manifest validate',
    summary: 'Checks manifests and every file that they name, a line for each problem',
    load: async () => (await import('./commands/manifest-validate.js')).manifestValidate,
  },
  {
    name: 'env lock',
    summary: 'Writes down the environment that a program is to run in',
    load: async () => (await import('./commands/env-lock.js')).envLock,
  },
  {
    name: 'env diff',
    summary: 'Shows where two environments differ, one of which may be the present one',
    load: async () => (await import('./commands/env-diff.js')).envDiff,
  },
  {
    name: 'doctor',
    summary: 'Says which backends work on this machine, why the others do not, and what to do',
    load: async () => (await import('./commands/doctor.js')).doctor,
  },
];

/** Commands that have another name now; the old one works for one release. */
export const renamedCommands: readonly Renaming[] = [];

/** Commands that the design names but this version lacks. */
export const laterCommands: readonly string[] = [
  'trace', 'studio', 'analyze-lora-ranks', 'micro-benchmark',
]; // prettier-ignore
