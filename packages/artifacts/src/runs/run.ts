import { rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import {
  explainSystemError,
  type FileLock,
  IntegrityError,
  type JsonValue,
  PixelisError,
  type Recorder,
  writeFileAtomicSync,
} from '@pixelis/core';
import { makeFolder, onDisk } from './disk';
import { EventLog } from './event-log';
import { writeLatest } from './finish-completed-runs';
import { makeManifest, withoutCredentials } from './make-manifest';
import { MANIFEST_FILE, type ManifestFacts, type RunManifest } from './manifest';
import { resolveInside } from './relative-path';
import { describeHolder } from './run-lock';
import { type RunState, STATE_FILE, toJsonText, writeRunState } from './run-state';
import { STEP_FILES, StepFiles } from './step-files';

/** Files that the run itself writes, in lower case since some systems ignore the case of a name. */
const OWN_FILES = new Set<string>([...STEP_FILES, 'events.jsonl', MANIFEST_FILE, STATE_FILE]);

/** What a {@link Run} is made of. */
export interface RunParts {
  /** The folder that holds `runs/` and `latest`. */
  root: string;
  directory: string;
  state: RunState;
  lock: FileLock;
  isResumed: boolean;
  passedOver: readonly string[];
  now: () => Date;
}

/**
 * A run that this process holds: its folder, and the recorder of what happens in it. It ends by {@link Run.complete} or
 * {@link Run.fail}; a run that ends in neither way, because its process was killed, can be resumed. If another process
 * took this one for dead and holds the run now, whatever would write to it throws an IntegrityError, `RUN_TAKEN_OVER`.
 */
export class Run implements Recorder {
  readonly runId: string;
  readonly runUuid: string;
  /** The run's folder, absolute. */
  readonly directory: string;
  /** Whether an earlier process began this run. Then {@link Run.rewind} must be called before anything is recorded. */
  readonly isResumed: boolean;
  /**
   * Ids of newer unfinished runs of the same configuration, each held by a process of which is not known here whether it
   * still runs: had it been known to be dead, the newest of them would have been resumed.
   */
  readonly passedOver: readonly string[];
  readonly #root: string;
  readonly #lock: FileLock;
  readonly #state: RunState;
  readonly #steps: StepFiles;
  readonly #events: EventLog;
  /** From `completing` on nothing is recorded any more, since the manifest says what the files hold. */
  #phase: 'open' | 'completing' | 'ended' | 'lost' = 'open';

  /** Programs get a run from `openRun`. */
  constructor(parts: RunParts) {
    this.#root = parts.root;
    this.#lock = parts.lock;
    this.#state = parts.state;
    this.runId = parts.state.run_id;
    this.runUuid = parts.state.run_uuid;
    this.directory = parts.directory;
    this.isResumed = parts.isResumed;
    this.passedOver = parts.passedOver;
    this.#events = new EventLog(join(this.directory, 'events.jsonl'), { now: parts.now });
    try {
      this.#steps = new StepFiles(this.directory, {
        isRewindNeeded: parts.isResumed,
        beforeChange: () => this.#requireHeld(),
      });
    } catch (error) {
      this.#events.close();
      throw error;
    }
  }

  /** @throws {RangeError} If a value is not finite; the message names its key. */
  metrics(step: number, values: Readonly<Record<string, number>>): void {
    this.#requireOpen();
    this.#steps.addStep('metrics.jsonl', step, values);
  }

  /** @throws {RangeError} If a value is not finite; the message names its key. */
  timings(step: number, values: Readonly<Record<string, number>>): void {
    this.#requireOpen();
    this.#steps.addStep('timings.jsonl', step, values);
  }

  /** @throws {RangeError} If a value is not finite or the keys are not those of the first epoch. */
  epoch(epoch: number, values: Readonly<Record<string, number>>): void {
    this.#requireOpen();
    this.#steps.addEpoch(epoch, values);
  }

  event(type: string, data: Readonly<Record<string, JsonValue>> = {}): void {
    this.#requireOpen();
    this.#requireHeld();
    this.#events.append(type, data);
  }

  /**
   * @throws {RangeError} If the path leaves the run or names a file that the run itself writes.
   * @throws {DataError} If the disk is full or the folder unwritable, or a part of the path is a symbolic link.
   */
  writeFile(path: string, content: string | Uint8Array): void {
    this.#requireOpen();
    this.#requireHeld();
    if (OWN_FILES.has(path.toLowerCase()))
      throw new RangeError(`Cannot write ${path}: the run itself writes it`);
    const target = resolveInside(this.directory, path);
    onDisk(target, () => makeFolder(dirname(target)));
    writeFileAtomicSync(target, content);
  }

  /** Also returns only when all that was recorded is on the disk itself. */
  offsets(): Readonly<Record<string, number>> {
    this.#requireOpen();
    this.#requireHeld();
    this.#events.sync();
    return this.#steps.offsets();
  }

  /** @throws {IntegrityError} If a file is shorter than its offset or has no line's end there; none is changed then. */
  rewind(offsets: Readonly<Record<string, number>>): void {
    this.#requireOpen();
    this.#requireHeld();
    this.#steps.rewind(offsets);
    this.#events.append('rewound', { ...offsets });
  }

  /** Hands what waits in memory to the system, so that another program can read it. */
  flush(): void {
    this.#steps.flush();
  }

  /**
   * Ends the run as complete: closes its files, hashes each, writes the manifest last and names the run in `latest`.
   *
   * @throws {DataError} If the disk is full or the folder unwritable; the run is then still there to be resumed.
   */
  async complete(facts: ManifestFacts): Promise<RunManifest> {
    this.#requireOpen();
    this.offsets();
    this.#events.append('completed', { results: facts.results });
    this.#events.sync();
    this.#phase = 'completing';
    const { directory } = this;
    const events = { head: this.#events.head, count: this.#events.count };
    const manifest = await makeManifest({ directory, state: this.#state, events }, facts);
    if (this.#hasEnded()) throw endedError(this.runId);
    this.#requireHeld();
    writeFileAtomicSync(join(directory, MANIFEST_FILE), toJsonText(manifest));
    this.#phase = 'ended';
    try {
      writeLatest(this.#root, this.runId);
      rmSync(join(directory, STATE_FILE), { force: true });
    } finally {
      this.#close();
    }
    return manifest;
  }

  /**
   * Ends the run as failed or interrupted; it can be resumed. Does nothing to a run that has ended or was
   * taken over. Never throws, so
   * that the error which led here is the one that is reported: what a full disk does not take is not recorded.
   */
  fail(error: unknown): void {
    if (this.#hasEnded()) return;
    quietly(() => this.#requireHeld());
    if (this.#isLost()) return;
    this.#phase = 'ended';
    const reason = describeError(error);
    quietly(() => this.#steps.sync());
    quietly(() => this.#events.append('failed', reason));
    quietly(() => this.#events.sync());
    quietly(() =>
      writeRunState(this.directory, { ...this.#state, status: 'FAILED', error: reason }),
    );
    quietly(() => this.#close());
  }

  #requireOpen(): void {
    if (this.#isLost()) throw this.#takenOverError();
    if (this.#phase !== 'open') throw endedError(this.runId);
  }

  /** A process that was held up for so long that it was taken for dead must not write among what another writes. */
  #requireHeld(): void {
    if (this.#phase === 'ended') return;
    if (!this.#isLost() && this.#lock.isHeld()) return;
    if (!this.#isLost()) this.#close();
    this.#phase = 'lost';
    throw this.#takenOverError();
  }

  #isLost(): boolean {
    return this.#phase === 'lost';
  }

  #takenOverError(): IntegrityError {
    const holder = describeHolder(dirname(this.directory), this.runId);
    return new IntegrityError(`Run ${this.runId} was taken over by ${holder}`, {
      code: 'RUN_TAKEN_OVER',
      remedy: 'Let that process go on with it; if there is none, run the same command again.',
    });
  }

  #hasEnded(): boolean {
    return this.#phase === 'ended';
  }

  #close(): void {
    this.#steps.close();
    this.#events.close();
    this.#lock.release();
  }
}

function endedError(runId: string): TypeError {
  return new TypeError(`Cannot record in run ${runId}: it has ended`);
}

function describeError(error: unknown): { code: string; message: string } {
  const known = error instanceof PixelisError ? error : explainSystemError(error);
  return {
    code: known?.code ?? 'DEFECT',
    message: withoutCredentials(error instanceof Error ? error.message : String(error)),
  };
}

function quietly(operation: () => void): void {
  try {
    operation();
  } catch {
    // See Run.fail.
  }
}
