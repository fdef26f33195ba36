import { join, resolve } from 'node:path';
import { redactSecrets, UsageError } from '@pixelis/core';
import { ContentStore, type VerifyOptions } from '@pixelis/store';
import { redactObject } from '../runs/json-object';
import { checkAlias, checkOwnAlias } from './alias-name';
import { ArtifactCache } from './artifact-cache';
import { checkArtifactName, impliedType } from './artifact-name';
import type {
  ListArtifactsFilter,
  OpenArtifactsOptions,
  PutArtifact,
  PutArtifactOptions,
  RunStatusFact,
  UseArtifactOptions,
} from './artifact-options';
import { type ArtifactSource, storeSource } from './artifact-source';
import { parseSpec, selectVersion, unknownArtifactError } from './artifact-spec';
import { parseTree, treeText } from './artifact-tree';
import {
  type ArtifactCollection,
  collectArtifacts,
  type RetentionPolicy,
} from './collect-artifacts';
import type { FactBody } from './fact';
import { artifactFact, runStatusFact } from './fact-body';
import { FactLog } from './fact-log';
import { FactReader } from './fact-reader';
import { getFiles } from './get-files';
import { Histories } from './histories';
import { History } from './history';
import {
  artifactId,
  type ArtifactFile,
  type ArtifactReference,
  type ArtifactVersion,
  type HistoryEntry,
  type RunReference,
} from './history-entry';
import { namePattern } from './name-pattern';
import { plannedVersion, planPut, type PutRequest } from './plan-put';
import { rankOf } from './rank';
import { foldRunFacts, type RunFacts } from './run-facts';
import { formatVersion, parseVersion } from './semantic-version';
import { type UsedArtifact, usedArtifact } from './used-artifact';
import { type CatalogVerification, verifyArtifacts } from './verify-artifacts';

/** Size from which the cache gives up copies that were not used lately: 20 GiB. */
const CACHE_BYTES_MAX = 20 * 1024 ** 3;
/** What an artifact is whose name follows no convention and whose type nobody said. */
const OTHER_TYPE = 'other';

const opened = new Map<string, { manager: ArtifactManager; options: OpenArtifactsOptions }>();

/**
 * Artifacts with versions, aliases and lineage, in a plain folder that any number of processes and machines share, and
 * that needs neither server nor network. What a promise of it resolved for is on the disk itself.
 *
 * Of the ranks of a job, rank 0 records. On the others, `put` stores the content and gives the version that rank 0
 * would make of it; uses, runs and aliases are not recorded.
 */
export class ArtifactManager {
  readonly root: string;
  readonly store: ContentStore;
  readonly rank: number;
  readonly #catalogFolder: string;
  readonly #now: () => Date;
  readonly #cache: ArtifactCache;
  readonly #histories: Histories;
  readonly #facts: FactReader;
  readonly #log: FactLog;

  private constructor(root: string, rank: number, options: OpenArtifactsOptions) {
    const { now = () => new Date(), cacheFolder = join(root, 'cache', 'artifacts') } = options;
    this.root = root;
    this.rank = rank;
    this.store = ContentStore.open(join(root, 'store'), { now });
    this.#catalogFolder = join(root, 'store', 'v1');
    this.#now = now;
    this.#cache = new ArtifactCache(cacheFolder, this.store, {
      bytesMax: options.cacheBytesMax ?? CACHE_BYTES_MAX,
    });
    this.#histories = new Histories(join(this.#catalogFolder, 'artifacts'), now);
    this.#facts = new FactReader(join(this.#catalogFolder, 'log'));
    this.#log = new FactLog(join(this.#catalogFolder, 'log'), now);
  }

  /**
   * The manager of an output folder: one for each folder and rank in a process. Makes nothing on the disk.
   *
   * @throws {TypeError} If it is open already with another clock or cache.
   * @throws {UsageError} `RANK_INVALID`
   */
  static open(options: OpenArtifactsOptions = {}): ArtifactManager {
    const { root = 'out', rank = rankOf(process.env) } = options;
    const folder = resolve(root);
    const key = `${rank} ${folder}`;
    const known = opened.get(key);
    if (known !== undefined) {
      for (const option of ['now', 'cacheFolder', 'cacheBytesMax'] as const) {
        if (options[option] === undefined || options[option] === known.options[option]) continue;
        throw new TypeError(`Cannot open the artifacts of ${root} again with another ${option}`);
      }
      return known.manager;
    }
    const manager = new ArtifactManager(folder, rank, options);
    opened.set(key, { manager, options });
    return manager;
  }

  /**
   * Puts content under a name. If a version has it already, that version is given and `latest` moves to it; else it
   * becomes a new version: 1.0.0 at first, then with the major part raised unless `bump` says otherwise. Description,
   * metadata and parents belong to a new version; an old one keeps its own.
   *
   * @throws {UsageError} `ARTIFACT_NAME_INVALID`, `ARTIFACT_NAME_UNCONVENTIONAL`, `ARTIFACT_NAME_TAKEN`,
   * `ARTIFACT_TYPE_INVALID`, `ARTIFACT_TYPE_DIFFERS`, `ARTIFACT_VERSION_INVALID`, `ARTIFACT_VERSION_TAKEN`,
   * `ARTIFACT_CONTENT_KNOWN`, `ALIAS_INVALID`, `ARTIFACT_EMPTY`, `ARTIFACT_PATH_INVALID` or `ARTIFACT_SOURCE_UNSUPPORTED`.
   * @throws {DataError} if a file cannot be read or the store cannot be written, for instance on a full disk.
   */
  async put(
    name: string,
    source: ArtifactSource,
    options: PutArtifactOptions = {},
  ): Promise<PutArtifact> {
    const type = options.type ?? this.#typeOf(name);
    checkArtifactName(name, type);
    const version = options.version === undefined ? null : fullVersion(options.version);
    const aliases = (options.aliases ?? []).map(checkAlias);
    const files = await storeSource(this.store, source);
    const { sha256: digest } = await this.store.put(treeText(files));
    const request: PutRequest = {
      type,
      digest,
      bytes: files.reduce((sum, { bytes }) => sum + bytes, 0),
      fileCount: files.length,
      bump: options.bump ?? 'major',
      version,
      aliases,
      description: redactSecrets(options.description ?? '') || null,
      metadata: redactObject(options.metadata ?? {}),
      producer: options.run ?? null,
      parents: options.parents ?? (await this.#usedBy(options.run)),
      isExternal: options.isExternal ?? false,
      createdAt: options.time,
    };
    const put = await this.#record(name, request);
    if (options.run !== undefined) {
      await this.#append(
        artifactFact('produced', { run: options.run, artifact: put, time: options.time }),
      );
    }
    return put;
  }

  /**
   * The version that a text names: `name` (its latest), `name:best`, `name:v2` or `name:1.2.0`.
   *
   * @throws {UsageError} `ARTIFACT_UNKNOWN`, which names the nearest; `ARTIFACT_REMOVED` if its content was given up;
   * `ARTIFACT_NAME_TAKEN` if the name differs in case.
   * @throws {IntegrityError} `ARTIFACT_HISTORY_BROKEN`
   */
  resolve(spec: string): ArtifactVersion {
    const { name, selector } = parseSpec(spec);
    return selectVersion(this.#history(name), selector);
  }

  /** All versions that have their content, by name, the newest of each first. A history that is broken is left out. */
  list(filter: ListArtifactsFilter = {}): readonly ArtifactVersion[] {
    const isNamed = namePattern(filter.name ?? '*');
    return this.#histories
      .readIntact()
      .filter(({ name, type }) => isNamed(name) && (filter.type ?? type) === type)
      .flatMap((history) => history.keptVersions().reverse());
  }

  /** Everything that happened to an artifact, in order. @throws {UsageError} `ARTIFACT_UNKNOWN` */
  history(name: string): readonly HistoryEntry[] {
    return this.#history(name).entries;
  }

  /** The files of a version. @throws {IntegrityError} if the store cannot tell. */
  async files(version: ArtifactReference): Promise<readonly ArtifactFile[]> {
    return parseTree(version.digest, await this.store.readBytes(version.digest));
  }

  /** A version for use by a run, which is recorded. @throws as {@link ArtifactManager.resolve} does. */
  async use(spec: string, options: UseArtifactOptions = {}): Promise<UsedArtifact> {
    const version = this.resolve(spec);
    const { run, role = null } = options;
    if (run !== undefined) {
      await this.#append(
        artifactFact('used', { run, artifact: version, role, time: options.time }),
      );
    }
    return usedArtifact(version, {
      store: this.store,
      cache: this.#cache,
      files: () => this.files(version),
    });
  }

  /**
   * Writes all files of a version into a folder, which appears when it is whole and verified.
   *
   * @throws {UsageError} as {@link ArtifactManager.resolve} does, or `FOLDER_TAKEN` if something is in the folder.
   * @throws {IntegrityError} `CONTENT_MISSING` or `CONTENT_DAMAGED`; the folder is then not made.
   */
  async get(spec: string, folder: string): Promise<ArtifactVersion> {
    const version = this.resolve(spec);
    await getFiles(this.store, await this.files(version), folder);
    return version;
  }

  /** Points an alias at a version, which may be given as `v2`, `1.2.0` or by an alias. @throws {UsageError} */
  async setAlias(name: string, alias: string, version: string): Promise<ArtifactVersion> {
    checkOwnAlias(alias);
    return this.#moveAlias(name, alias, { version, isRollback: false });
  }

  /** Removes an alias. @throws {UsageError} `ALIAS_UNKNOWN` or `ALIAS_RESERVED` */
  async removeAlias(name: string, alias: string): Promise<void> {
    checkOwnAlias(alias);
    checkAliasKnown(this.#history(name), alias);
    if (this.rank !== 0) return;
    await this.#histories.add(name, (history) => {
      const from = history.aliases.get(alias);
      if (from === undefined) return { entry: null };
      const moves = [{ alias, from, to: null }];
      return { entry: { kind: 'alias', change: 'removed', moves } };
    });
  }

  /**
   * Points an alias, `latest` too, back at an earlier version, and records it as a rollback.
   *
   * @throws {UsageError} `ALIAS_UNKNOWN`, `ARTIFACT_UNKNOWN` or `ARTIFACT_REMOVED`
   */
  async rollback(name: string, alias: string, version: string): Promise<ArtifactVersion> {
    checkAliasKnown(this.#history(name), alias);
    return this.#moveAlias(name, alias, { version, isRollback: true });
  }

  /** Records how a run stands. On the disk when it resolves. */
  async recordRun(fact: RunStatusFact): Promise<void> {
    await this.#append(runStatusFact(fact));
  }

  /** What all writers recorded of each run, in the order of the first record. */
  runFacts(): readonly RunFacts[] {
    return [...foldRunFacts(this.#facts.facts()).values()];
  }

  /** Checks all content, histories and logs, and names each artifact that a fault hurts. */
  async verify(options: VerifyOptions = {}): Promise<CatalogVerification> {
    return verifyArtifacts(
      {
        histories: new Histories(join(this.#catalogFolder, 'artifacts'), this.#now),
        facts: new FactReader(join(this.#catalogFolder, 'log')),
        store: this.store,
        files: (version) => this.files(version),
      },
      options,
    );
  }

  /** Gives up versions by a policy and collects what nothing holds; a dry run unless `isApplied`. */
  async collect(policy: RetentionPolicy = {}): Promise<ArtifactCollection> {
    return collectArtifacts(
      {
        histories: this.#histories,
        store: this.store,
        now: this.#now,
        files: (version) => this.files(version),
      },
      { ...policy, isApplied: policy.isApplied === true && this.rank === 0 },
    );
  }

  /** @internal All histories that are intact, for the lineage. */
  intactHistories(): readonly History[] {
    return this.#histories.readIntact();
  }

  #typeOf(name: string): string {
    return this.#histories.read(name)?.type ?? impliedType(name) ?? OTHER_TYPE;
  }

  #history(name: string): History {
    const history = this.#histories.read(name);
    if (history !== null) return history;
    throw unknownArtifactError(name, this.#histories.names());
  }

  async #record(name: string, request: PutRequest): Promise<PutArtifact> {
    if (this.rank !== 0) {
      const history = this.#histories.read(name) ?? new History(name);
      return plannedVersion(history, planPut(history, request));
    }
    const { history, plan } = await this.#histories.add(name, (current) =>
      planPut(current, request),
    );
    return plannedVersion(history, plan);
  }

  async #moveAlias(
    name: string,
    alias: string,
    { version, isRollback }: { version: string; isRollback: boolean },
  ): Promise<ArtifactVersion> {
    const target = selectVersion(this.#history(name), version).version;
    if (this.rank !== 0) return this.resolve(`${name}:${target}`);
    const { history } = await this.#histories.add(name, (current) => {
      selectVersion(current, target);
      const moves = current.movesTo(target, [alias]);
      const kind = moves[0]?.from === null ? 'set' : 'moved';
      const change = isRollback ? 'rolled_back' : kind;
      return { entry: moves.length === 0 ? null : { kind: 'alias', change, moves } };
    });
    return selectVersion(history, target);
  }

  /** What a run used so far, in whatever process. */
  async #usedBy(run: RunReference | undefined): Promise<readonly ArtifactReference[]> {
    if (run === undefined) return [];
    await this.#log.flush();
    const facts = foldRunFacts(this.#facts.facts()).get(run.runUuid);
    const used = facts?.used.map(({ artifact }) => [artifactId(artifact), artifact] as const) ?? [];
    return [...new Map(used).values()];
  }

  async #append(body: FactBody): Promise<void> {
    if (this.rank === 0) await this.#log.append(body);
  }
}

function fullVersion(text: string): string {
  const version = parseVersion(text);
  if (version !== null) return formatVersion(version);
  throw new UsageError(`${JSON.stringify(text)} is no version`, {
    code: 'ARTIFACT_VERSION_INVALID',
    remedy: 'Write it as 1.2.0, or as v2 for 2.0.0.',
  });
}

function checkAliasKnown(history: History, alias: string): void {
  if (history.aliases.has(alias)) return;
  throw new UsageError(`${history.name} has no alias ${JSON.stringify(alias)}`, {
    code: 'ALIAS_UNKNOWN',
    remedy: `Its aliases are ${[...history.aliases.keys()].join(', ')}.`,
  });
}
