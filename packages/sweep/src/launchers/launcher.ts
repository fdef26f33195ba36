/** One trial that is to be run, or run on, as a process of its own. */
export interface TrialTask {
  /** Number of the trial, from 1. */
  readonly trial: number;
  /** What Node runs: the program and its arguments. */
  readonly argv: readonly string[];
  readonly workingDirectory: string;
  /** Where what the program prints is appended. */
  readonly logPath: string;
  /** Where the process says how it ended: a {@link TrialEnd} as JSON. */
  readonly endPath: string;
  /** Held by the process as long as it lives. */
  readonly lockPath: string;
}

/** How the process of a trial ended. */
export interface TrialEnd {
  /** Null if a signal ended it. */
  readonly exitCode: number | null;
  readonly signal: string | null;
}

/** What a launcher tells while it runs, and what stops it. */
export interface LaunchOptions {
  /** Aborted: every process is asked to stop as by SIGTERM, so that its run can be resumed. */
  readonly signal: AbortSignal;
  readonly onStart: (trial: number) => void;
  /** `end` is null if the process vanished without a word: killed, or its machine lost. */
  readonly onEnd: (trial: number, end: TrialEnd | null) => void;
}

/** Runs trials somewhere. What came of them is read from their runs, not from here. */
export interface Launcher {
  readonly name: 'local' | 'slurm' | 'ray';
  /**
   * Runs the tasks, as many at once as there is room for, and settles when each has ended or, after an abort, has stopped. A process of
   * the same trial that an earlier launcher left running is waited for instead of started twice.
   */
  run(tasks: readonly TrialTask[], options: LaunchOptions): Promise<void>;
}
