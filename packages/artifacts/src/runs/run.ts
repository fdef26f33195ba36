import { rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import {
  type FileLock,
  type FilePosition,
  IntegrityError,
  type JsonValue,
  makeFolderSync,
  type Recorder,
  redactSecrets,
  type StepDigests,
  writeFileAtomicSync,
} from '@pixelis/core';
import { requireRecord, requireText } from './check-argument';
import { onDisk } from './disk';
import { EventLog } from './event-log';
import { writeLatest } from './finish-completed-runs';
import { HARDWARE_FILE, HardwareFile } from './hardware-file';
import { redactObject } from './json-object';
import {
  digestFiles,
  digestHeadline,
  hashFiles,
  makeHeadline,
  makeManifest,
} from './make-manifest';
import { MANIFEST_FILE, type ManifestFacts, requireFacts, type RunManifest } from './manifest';
import { resolveInside } from './relative-path';
import { describeError, failureData } from './run-error';
import { describeHolder } from './run-lock';
import { type RunState, STATE_FILE, toJsonText, writeRunState } from './run-state';
import { STEP_FILES, StepFiles } from './step-files';
import { checkTags, readTags, type RunTags, TAGS_FILE, writeTags } from './tags';

/** Files that the run itself writes, in lower case since some systems ignore the case of a name. */
const OWN_FILES = new Set<string>([
  ...STEP_FILES,
  'events.jsonl',
  HARDWARE_FILE,
  MANIFEST_FILE,
  STATE_FILE,
  TAGS_FILE,
]);

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
   * still runs, or damaged: else the newest of them would have been resumed.
   */
  readonly passedOver: readonly string[];
  readonly #root: string;
  readonly #lock: FileLock;
  readonly #state: RunState;
  readonly #steps: StepFiles;
  readonly #events: EventLog;
  readonly #hardware: HardwareFile;
  #tags: RunTags;
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
    this.#tags = readTags(this.directory);
    const opened: { close(): void }[] = [];
    const beforeChange = () => this.#requireHeld();
    try {
      this.#events = new EventLog(join(this.directory, 'events.jsonl'), { now: parts.now });
      opened.push(this.#events);
      const createdAt = new Date(parts.state.created_at);
      this.#hardware = new HardwareFile(this.directory, {
        beforeChange,
        createdAt,
        now: parts.now,
      });
      opened.push(this.#hardware);
      this.#steps = new StepFiles(this.directory, {
        isRewindNeeded: parts.isResumed,
        beforeChange,
      });
    } catch (error) {
      for (const file of opened) file.close();
      throw error;
    }
  }

  /** The tags that the run has now. */
  get tags(): RunTags {
    return this.#tags;
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

  /** @throws {TypeError} If the digests are not those of such a step. */
  chain(step: number, digests: StepDigests): void {
    this.#requireOpen();
    this.#steps.addDigests(step, digests);
  }

  /** Secrets of known shapes in the data are replaced by `[redacted]`. */
  event(type: string, data: Readonly<Record<string, JsonValue>> = {}): void {
    requireText(type, { action: 'record an event', name: 'type' });
    requireRecord(data, { action: 'record an event', name: 'data' });
    if (type === '') throw new RangeError('Cannot record an event: its type must not be empty');
    this.#requireOpen();
    this.#requireHeld();
    this.#events.append(redactSecrets(type), redactObject(data));
  }

  /**
   * Gives the run a tag, or changes one. It is on the disk itself when this returns; a resumption keeps it.
   *
   * @throws {RangeError} If the key is not 1 to 250 letters, digits, spaces and `_ - . /`.
   * @throws {DataError} If the disk is full or the folder unwritable; the run then has its old tags.
   */
  tag(key: string, value: string): void {
    this.addTags({ [key]: value });
  }

  /** @internal As {@link Run.tag}, for several at once. */
  addTags(added: RunTags): void {
    const tags = { ...this.#tags, ...checkTags(added) };
    this.#requireOpen();
    this.#requireHeld();
    if (Object.keys(added).length === 0) return;
    writeTags(this.directory, tags);
    this.#tags = tags;
  }

  /**
   * Adds a sample of the machine's load to `hardware.jsonl`, such as `{cpu_percent: 93, 'gpu_percent/0': 40}`, with the
   * seconds since the run was created as `time_s`. A resumption goes on after the samples that are there.
   *
   * @throws {RangeError} If a value is not finite; the message names its key.
   */
  hardware(values: Readonly<Record<string, number>>): void {
    this.#requireOpen();
    this.#hardware.add(values);
  }

  /**
   * @throws {RangeError} If the path leaves the run or names a file that the run itself writes.
   * @throws {DataError} If the disk is full or the folder unwritable, or a part of the path is a symbolic link.
   */
  writeFile(path: string, content: string | Uint8Array): void {
    requireText(path, { action: 'write a file of a run', name: 'path' });
    if (typeof content !== 'string' && !ArrayBuffer.isView(content))
      throw new TypeError(`Cannot write ${path}: content must be a text or a typed array`);
    this.#requireOpen();
    this.#requireHeld();
    if (OWN_FILES.has(path.toLowerCase()))
      throw new RangeError(`Cannot write ${path}: the run itself writes it`);
    const target = resolveInside(this.directory, path);
    onDisk(target, () => makeFolderSync(dirname(target)));
    writeFileAtomicSync(target, content);
  }

  /** Also returns only when all that was recorded is on the disk itself. */
  offsets(): Readonly<Record<string, FilePosition>> {
    this.#requireOpen();
    this.#requireHeld();
    this.#events.sync();
    this.#hardware.sync();
    return this.#steps.offsets();
  }

  /** @throws {IntegrityError} If a file does not begin with what it held then; none is changed. */
  rewind(offsets: Readonly<Record<string, FilePosition>>): void {
    requireRecord(offsets, { action: 'rewind a run', name: 'offsets' });
    this.#requireOpen();
    this.#requireHeld();
    this.#steps.rewind(offsets);
    const sizes = Object.fromEntries(
      Object.entries(offsets).map(([name, { bytes }]): [string, number] => [name, bytes]),
    );
    this.#events.append('rewound', sizes);
  }

  /**
   * Hands what waits in memory to the system: another program can read it, and it outlives this process whatever kills
   * that. {@link Run.flushed} and {@link Run.offsets} make it outlive the machine's fall too.
   */
  flush(): void {
    this.#steps.flush();
    this.#hardware.flush();
  }

  /**
   * Resolves when all that was recorded before the call is on the disk itself. Nothing waits for it meanwhile.
   *
   * @throws {DataError} If the disk is full or faulty.
   */
  async flushed(): Promise<void> {
    this.#requireOpen();
    await Promise.all([this.#steps.synced(), this.#hardware.synced(), this.#events.synced()]);
  }

  /**
   * Ends the run as complete: closes its files, hashes each, writes the manifest last and names the run in `latest`.
   *
   * @throws {DataError} If the disk is full or the folder unwritable; the run is then still there to be resumed.
   * @throws {TypeError} If the facts are not whole; the run then goes on.
   */
  async complete(facts: ManifestFacts): Promise<RunManifest> {
    this.#requireOpen();
    requireFacts(facts);
    this.offsets();
    this.#phase = 'completing';
    const { directory } = this;
    const files = await hashFiles(directory);
    this.#requireCompleting();
    const headline = makeHeadline({ state: this.#state, files }, facts);
    this.#events.append('completed', {
      results: facts.results,
      files_sha256: digestFiles(files),
      manifest_sha256: digestHeadline(headline),
    });
    this.#events.sync();
    const events = { head: this.#events.head, count: this.#events.count };
    const manifest = await makeManifest(directory, { headline, files, events });
    this.#requireCompleting();
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
    quietly(() => this.#hardware.sync());
    quietly(() => this.#events.append('failed', failureData(reason)));
    quietly(() => this.#events.sync());
    quietly(() =>
      writeRunState(this.directory, { ...this.#state, status: 'FAILED', error: reason }),
    );
    quietly(() => this.#close());
  }

  /** It may have failed, or been taken over, while its files were hashed. */
  #requireCompleting(): void {
    if (this.#hasEnded()) throw endedError(this.runId);
    this.#requireHeld();
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
    this.#hardware.close();
    this.#events.close();
    this.#lock.release();
  }
}

function endedError(runId: string): TypeError {
  return new TypeError(`Cannot record in run ${runId}: it has ended`);
}

function quietly(operation: () => void): void {
  try {
    operation();
  } catch {
    // See Run.fail.
  }
}
