import { join } from 'node:path';
import { sweepsDirectory, trialName, trialRunId } from './sweep-names';
import { SEARCH_FILE } from './sweep-search';

/** Which sweep a {@link SweepFolder} is. */
export interface SweepFolderOptions {
  /** The folder of all output, such as `out`. */
  readonly out: string;
  readonly tag: string;
}

/** The folders that stand in a sweep's folder from the beginning. */
export const SWEEP_FOLDERS = ['outcomes', 'logs', 'launcher', 'launcher/locks', 'launcher/ends'];

/** Where everything of a sweep stands. */
export class SweepFolder {
  readonly out: string;
  readonly tag: string;
  /** `out/sweeps/<tag>`, with `out` as it was given. */
  readonly directory: string;

  constructor({ out, tag }: SweepFolderOptions) {
    this.out = out;
    this.tag = tag;
    this.directory = join(sweepsDirectory(out), tag);
  }

  /** `0001` for the first trial. */
  name(trial: number): string {
    return trialName(trial);
  }

  runId(trial: number): string {
    return trialRunId(this.tag, this.name(trial));
  }

  /** The folder of a trial's run. */
  runDirectory(trial: number): string {
    return join(this.out, 'runs', this.runId(trial));
  }

  /** A file of the sweep by its path in it. */
  path(...segments: readonly string[]): string {
    return join(this.directory, ...segments);
  }

  get searchPath(): string {
    return this.path(SEARCH_FILE);
  }

  get launcherDirectory(): string {
    return this.path('launcher');
  }

  configPath(trial: number): string {
    return this.path(`${this.name(trial)}.json`);
  }

  outcomePath(trial: number): string {
    return this.path('outcomes', `${this.name(trial)}.json`);
  }

  logPath(trial: number): string {
    return this.path('logs', `${this.name(trial)}.log`);
  }

  /** Where the process of a trial says how it ended. */
  endPath(trial: number): string {
    return this.path('launcher', 'ends', `${this.name(trial)}.json`);
  }

  /** Held by the process of a trial as long as it lives. */
  lockPath(trial: number): string {
    return this.path('launcher', 'locks', `${this.name(trial)}.lock`);
  }
}
