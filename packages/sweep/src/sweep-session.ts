import { Interruption, shellWord } from '@pixelis/core';
import { readOutcome, type TrialOutcome, writeOutcome } from './folder/outcome';
import type { SweepFolder } from './folder/sweep-folder';
import type { Launcher } from './launchers/launcher';
import type { Parameters } from './strategies/strategy';
import type { SweepListener } from './sweep-event';
import type { TrialProgram } from './trials/trial-task';

/** What a sweep compares its trials by. */
export interface Objective {
  readonly metric: string;
  readonly direction: 'min' | 'max';
  /** Whether results decide which trials there are and how far they go. */
  readonly isGuiding: boolean;
}

/** What a {@link SweepSession} is made of. */
export interface SweepSessionParts extends Objective {
  readonly folder: SweepFolder;
  readonly program: TrialProgram;
  readonly launcher: Launcher;
  readonly signal: AbortSignal;
  readonly onEvent: SweepListener;
}

/** A sweep that runs: its trials with what came of them so far. */
export class SweepSession {
  readonly folder: SweepFolder;
  readonly objective: Objective;
  readonly program: TrialProgram;
  readonly launcher: Launcher;
  readonly signal: AbortSignal;
  readonly tell: SweepListener;
  readonly #parameters = new Map<number, Parameters>();
  readonly #outcomes = new Map<number, TrialOutcome>();

  constructor({
    folder,
    program,
    launcher,
    signal,
    onEvent,
    metric,
    direction,
    isGuiding,
  }: SweepSessionParts) {
    this.folder = folder;
    this.objective = { metric, direction, isGuiding };
    this.program = program;
    this.launcher = launcher;
    this.signal = signal;
    this.tell = onEvent;
  }

  /** All trials that were proposed so far, by their numbers. */
  get parameters(): ReadonlyMap<number, Parameters> {
    return this.#parameters;
  }

  outcome(trial: number): TrialOutcome | undefined {
    return this.#outcomes.get(trial);
  }

  /** @throws {TypeError} If it is not decided yet what came of the trial. */
  requireOutcome(trial: number): TrialOutcome {
    const outcome = this.#outcomes.get(trial);
    if (outcome === undefined) throw new TypeError(`Cannot end a sweep: trial ${trial} is open`);
    return outcome;
  }

  /** Adds a trial, with what an earlier process recorded of it. */
  add(trial: number, parameters: Parameters): void {
    this.#parameters.set(trial, parameters);
    this.tell({ kind: 'proposed', trial, parameters });
    const outcome = readOutcome(this.folder.outcomePath(trial), trial);
    if (outcome === undefined) return;
    this.#outcomes.set(trial, outcome);
    this.tell({ kind: 'decided', outcome, isEarlier: true });
  }

  /** Records what came of a trial. */
  decide(decision: Omit<TrialOutcome, 'outcome_version' | 'run_id'>): void {
    const { trial, ...rest } = decision;
    const outcome: TrialOutcome = {
      outcome_version: 1,
      trial,
      run_id: this.folder.runId(trial),
      ...rest,
    };
    writeOutcome(this.folder.outcomePath(trial), outcome);
    this.#outcomes.set(trial, outcome);
    this.tell({ kind: 'decided', outcome, isEarlier: false });
  }

  /** @throws {Interruption} If the sweep was asked to stop. */
  requireGoingOn(): void {
    if (!this.signal.aborted) return;
    const { tag, out } = this.folder;
    const folder = out === 'out' ? '' : ` --out ${shellWord(out)}`;
    throw new Interruption(this.signal.reason === 'SIGTERM' ? 'SIGTERM' : 'SIGINT', {
      kept: `the sweep ${tag} is kept, with what came of ${this.#outcomes.size} trials`,
      remedy: `repeat the command with --tag ${tag}${folder} to go on`,
    });
  }
}
