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
export const commandEntries: readonly CommandEntry[] = [];

/** Commands that the design names but this version lacks. */
export const laterCommands: readonly string[] = [
  'manifest', 'verify', 'diff', 'env', 'doctor', 'trace', 'studio', 'analyze-lora-ranks', 'micro-benchmark',
]; // prettier-ignore
