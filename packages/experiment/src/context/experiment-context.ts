import {
  type ArtifactManager,
  type ArtifactSource,
  type ArtifactVersion,
  type PutArtifact,
  type PutArtifactOptions,
  type Run,
  type RunManifest,
  type RunReference,
  type RunStatus,
  type UseArtifactOptions,
  type UsedArtifact,
} from '@pixelis/artifacts';
import {
  explainSystemError,
  type FilePosition,
  Interruption,
  type JsonValue,
  PixelisError,
  type Recorder,
  redactSecrets,
  type StepDigests,
  UsageError,
} from '@pixelis/core';
import type { CapturedEnvironment } from '@pixelis/reproducibility';
import type { HardwareMonitor } from '../hardware/hardware-monitor';
import { withinExperiment } from './current-experiment';
import type { ExperimentFacts } from './experiment-options';
import { manifestFacts } from './manifest-facts';
import type { Stoppable, StopSignal } from './process-signals';

/** What an {@link ExperimentContext} is made of. */
export interface ExperimentParts {
  readonly run: Run;
  readonly artifacts: ArtifactManager;
  readonly environment: CapturedEnvironment;
  readonly job: string;
  readonly name: string | null;
  readonly seed: number;
  readonly facts: ExperimentFacts;
  readonly monitor: HardwareMonitor | undefined;
  readonly warn: (message: string) => void;
}

/** Options of {@link ExperimentContext.useArtifact}. */
export type UseOptions = Pick<UseArtifactOptions, 'role'>;

/** Options of {@link ExperimentContext.logArtifact}. */
export type LogArtifactOptions = Omit<PutArtifactOptions, 'run'>;

type Ending =
  | { status: 'COMPLETED'; manifest: Promise<RunManifest> }
  | { status: 'FAILED'; done: Promise<void> };

/**
 * An open experiment: the recorder of its run, its artifacts with their lineage, and how it ends. It ends once, by
 * {@link ExperimentContext.complete} or {@link ExperimentContext.fail}; `withExperiment` calls the right one by itself.
 */
export class ExperimentContext implements Recorder, AsyncDisposable {
  readonly runId: string;
  readonly runUuid: string;
  /** The run's folder, absolute. */
  readonly directory: string;
  /**
   * Whether an earlier process began this run. Then {@link ExperimentContext.rewind} must be called before a step is
   * recorded: with the offsets of the checkpoint from which the work goes on, or with `START_OFFSETS` to begin again.
   */
  readonly isResumed: boolean;
  readonly artifacts: ArtifactManager;
  readonly environment: CapturedEnvironment;
  /** Ids of newer unfinished runs of the same configuration that may be held elsewhere, so that they were not resumed. */
  readonly passedOver: readonly string[];
  readonly #parts: ExperimentParts;
  readonly #controller = new AbortController();
  readonly #latest = new Map<string, number>();
  readonly #puts = new Set<Promise<unknown>>();
  readonly #onEnd: (() => void)[] = [];
  #facts: ExperimentFacts;
  #results: Readonly<Record<string, number>> = {};
  #epochCount = 0;
  #isSignalWatched = false;
  #interruption: Interruption | undefined;
  #ending: Ending | undefined;

  /** Programs get one from `withExperiment` or `openExperiment`. */
  constructor(parts: ExperimentParts) {
    this.#parts = parts;
    this.#facts = parts.facts;
    this.runId = parts.run.runId;
    this.runUuid = parts.run.runUuid;
    this.directory = parts.run.directory;
    this.isResumed = parts.run.isResumed;
    this.passedOver = parts.run.passedOver;
    this.artifacts = parts.artifacts;
    this.environment = parts.environment;
  }

  /** The run, as the catalog of artifacts names it. */
  get reference(): RunReference {
    return { runId: this.runId, runUuid: this.runUuid };
  }

  /** How it stands; completed or failed from the moment on at which its end began. */
  get status(): RunStatus {
    return this.#ending?.status ?? 'RUNNING';
  }

  get isOpen(): boolean {
    return this.status === 'RUNNING';
  }

  /**
   * Aborted when SIGINT or SIGTERM comes, with an {@link Interruption} as its reason. Whoever reads it promises to stop by
   * itself then, at a place from which the work can go on; otherwise the run is closed and the process ends at once.
   */
  get signal(): AbortSignal {
    this.#isSignalWatched = true;
    return this.#controller.signal;
  }

  /** How many epochs were recorded here. */
  get epochCount(): number {
    return this.#epochCount;
  }

  metrics(step: number, values: Readonly<Record<string, number>>): void {
    this.#parts.run.metrics(step, values);
    this.#remember(values);
  }

  timings(step: number, values: Readonly<Record<string, number>>): void {
    this.#parts.run.timings(step, values);
  }

  epoch(epoch: number, values: Readonly<Record<string, number>>): void {
    this.#parts.run.epoch(epoch, values);
    this.#remember(values);
    this.#epochCount += 1;
  }

  chain(step: number, digests: StepDigests): void {
    this.#parts.run.chain(step, digests);
  }

  event(type: string, data: Readonly<Record<string, JsonValue>> = {}): void {
    this.#parts.run.event(type, data);
  }

  writeFile(path: string, content: string | Uint8Array): void {
    this.#parts.run.writeFile(path, content);
  }

  offsets(): Readonly<Record<string, FilePosition>> {
    return this.#parts.run.offsets();
  }

  rewind(offsets: Readonly<Record<string, FilePosition>>): void {
    this.#parts.run.rewind(offsets);
  }

  /** Hands what waits in memory to the system, so that another program can read it. */
  flush(): void {
    this.#parts.run.flush();
  }

  /** Resolves when all that was recorded before the call is on the disk itself. */
  async flushed(): Promise<void> {
    await this.#parts.run.flushed();
  }

  /** Gives the run a tag, or changes one. */
  tag(key: string, value: string): void {
    this.#parts.run.tag(key, value);
  }

  /** The value that {@link ExperimentContext.metrics} or {@link ExperimentContext.epoch} recorded last under a key. */
  latest(key: string): number | undefined {
    return this.#latest.get(key);
  }

  /**
   * A version of an artifact for use, which is recorded: it is then a parent of what the run makes.
   *
   * @throws {UsageError} `ARTIFACT_UNKNOWN`, which names the nearest.
   */
  async useArtifact(spec: string, options: UseOptions = {}): Promise<UsedArtifact> {
    this.#requireOpen('use an artifact');
    const used = await this.artifacts.use(spec, { ...options, run: this.reference });
    this.event('artifact_used', { ...artifactData(used), role: options.role ?? null });
    return used;
  }

  /**
   * Puts what the run made into the store, as a new version if the content is new. By default its parents are what the run
   * used so far. The run does not complete before it is stored.
   *
   * @throws As `ArtifactManager.put` does.
   */
  async logArtifact(
    name: string,
    source: ArtifactSource,
    options: LogArtifactOptions = {},
  ): Promise<PutArtifact> {
    this.#requireOpen('log an artifact');
    const put = this.#putArtifact(name, source, options);
    this.#puts.add(put);
    try {
      return await put;
    } finally {
      this.#puts.delete(put);
    }
  }

  /** Adds final metrics to the manifest, by their standard keys. */
  setResults(values: Readonly<Record<string, number>>): void {
    this.#results = { ...this.#results, ...values };
  }

  /** Adds to what the manifest says, or replaces it. */
  setFacts(facts: ExperimentFacts): void {
    this.#facts = { ...this.#facts, ...facts };
  }

  /** Runs something as part of this experiment, for `currentExperiment`. */
  within<T>(callback: () => T): T {
    return withinExperiment(this, callback);
  }

  /**
   * Completes the run: waits for artifacts that are being stored, writes the manifest last, then tells the catalog. A second
   * call gives the same manifest.
   *
   * @throws {TypeError} If it has failed, or the facts are not whole.
   * @throws {DataError} If the disk is full or the folder unwritable; the run is then failed by `fail`, and can be resumed.
   */
  async complete(): Promise<RunManifest> {
    if (this.#ending?.status === 'FAILED') throw this.#endedError('complete the experiment');
    this.#ending ??= { status: 'COMPLETED', manifest: this.#complete() };
    return this.#ending.manifest;
  }

  /**
   * Closes the run as failed, with the error and its stack. It can be resumed. Never throws; does nothing to one that has
   * ended.
   */
  async fail(error: unknown): Promise<void> {
    const ending = this.#ending;
    if (ending?.status === 'COMPLETED') {
      if (await isFulfilled(ending.manifest)) return;
      if (this.#ending === ending) this.#ending = undefined;
    }
    this.#ending ??= { status: 'FAILED', done: this.#fail(error) };
    if ('done' in this.#ending) await this.#ending.done;
  }

  /**
   * For `await using`: closes what was neither completed nor failed as failed, by the signal that came, or else with the
   * code `NOT_COMPLETED`, since the error that may have led here cannot be seen.
   */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.fail(this.#interruption ?? notCompletedError(this.runId));
  }

  /** @internal What is to be done when a signal comes. */
  get stoppable(): Stoppable {
    return {
      stop: (signal) => this.#stop(signal),
      closesItself: () => this.#isSignalWatched,
      close: () => this.fail(this.#interruption),
    };
  }

  /** @internal The signal that came while it was open. */
  get interruption(): Interruption | undefined {
    return this.#interruption;
  }

  /** @internal Calls something when the run has ended, however it did. */
  onEnd(callback: () => void): void {
    this.#onEnd.push(callback);
  }

  async #putArtifact(
    name: string,
    source: ArtifactSource,
    options: LogArtifactOptions,
  ): Promise<PutArtifact> {
    const put = await this.artifacts.put(name, source, { ...options, run: this.reference });
    this.event('artifact_produced', { ...artifactData(put), is_new: put.isNew });
    return put;
  }

  async #complete(): Promise<RunManifest> {
    const { run, environment, seed } = this.#parts;
    await Promise.allSettled([...this.#puts]);
    this.#stopMonitor();
    const manifest = await run.complete(
      manifestFacts({ environment, seed, facts: this.#facts, results: this.#results }),
    );
    await this.#recordEnd({ status: 'COMPLETED', error: null });
    return manifest;
  }

  async #fail(error: unknown): Promise<void> {
    const { run } = this.#parts;
    this.#stopMonitor();
    run.fail(error);
    await this.#recordEnd({ status: 'FAILED', error: summarise(error) });
  }

  /** What the catalog misses, the next opening mends from the run's folder. */
  async #recordEnd(fact: {
    status: 'COMPLETED' | 'FAILED';
    error: { code: string; message: string } | null;
  }): Promise<void> {
    const { job, name, warn } = this.#parts;
    try {
      await this.artifacts.recordRun({ ...fact, run: this.reference, job, name });
    } catch (error) {
      warn(
        `the catalog does not know yet that run ${this.runId} is ${fact.status}: ${String(error)}`,
      );
    } finally {
      for (const callback of this.#onEnd.splice(0)) callback();
    }
  }

  #stopMonitor(): void {
    const summary = this.#parts.monitor?.stop();
    if (summary === undefined) return;
    const { sampleCount, mean, max, error } = summary;
    try {
      this.event('hardware', {
        sample_count: sampleCount,
        mean: { ...mean },
        max: { ...max },
        error,
      });
    } catch {
      // What the run cannot record any more does not change how it ends.
    }
  }

  #stop(signal: StopSignal): void {
    this.#interruption ??= new Interruption(signal, {
      kept: `run ${this.runId} is kept as far as it got`,
      remedy: `open it again with the run id ${this.runId} to go on`,
    });
    this.#controller.abort(this.#interruption);
  }

  #remember(values: Readonly<Record<string, number>>): void {
    for (const [key, value] of Object.entries(values)) this.#latest.set(key, value);
  }

  #requireOpen(action: string): void {
    if (!this.isOpen) throw this.#endedError(action);
  }

  #endedError(action: string): TypeError {
    return new TypeError(`Cannot ${action}: run ${this.runId} has ended`);
  }
}

function isFulfilled(promise: Promise<unknown>): Promise<boolean> {
  return promise.then(
    () => true,
    () => false,
  );
}

/** What the catalog says of an error; the run's own state and trail have its stack too. */
function summarise(error: unknown): { code: string; message: string } {
  const known = error instanceof PixelisError ? error : explainSystemError(error);
  const message = error instanceof Error ? error.message : String(error);
  return { code: known?.code ?? 'DEFECT', message: redactSecrets(message) };
}

function artifactData({ name, version, digest, type }: ArtifactVersion): Record<string, JsonValue> {
  return { name, version, digest, type };
}

function notCompletedError(runId: string): UsageError {
  return new UsageError(`the scope of run ${runId} ended before the run was completed`, {
    code: 'NOT_COMPLETED',
    remedy: 'Call run.complete() last in the scope, or use withExperiment, which sees errors.',
  });
}
