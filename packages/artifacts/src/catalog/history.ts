import { LATEST } from './alias-name';
import type { ArtifactVersion, HistoryEntry, RecordedVersion, StoredEntry } from './history-entry';
import { compareVersions, parseVersion, type SemanticVersion } from './semantic-version';

interface KnownVersion {
  readonly recorded: RecordedVersion;
  readonly seq: number;
  readonly createdAt: string;
  isRemoved: boolean;
}

/** What the entries of one artifact come to: its versions, what they hold, and where its aliases stand. */
export class History {
  readonly name: string;
  readonly #versions = new Map<string, KnownVersion>();
  readonly #versionByDigest = new Map<string, string>();
  readonly #aliases = new Map<string, string>();
  readonly #entries: HistoryEntry[] = [];

  /** @param name As its first entry spells it. */
  constructor(name: string) {
    this.name = name;
  }

  get entries(): readonly HistoryEntry[] {
    return this.#entries;
  }

  /** Where every alias stands. */
  get aliases(): ReadonlyMap<string, string> {
    return this.#aliases;
  }

  /** The type of all its versions; null before the first. */
  get type(): string | null {
    const [first] = this.#versions.values();
    return first?.recorded.type ?? null;
  }

  /** The highest version that was ever given; null before the first. */
  get highest(): SemanticVersion | null {
    let highest: SemanticVersion | null = null;
    for (const text of this.#versions.keys()) {
      const version = parseVersion(text);
      if (version === null || (highest !== null && compareVersions(version, highest) <= 0))
        continue;
      highest = version;
    }
    return highest;
  }

  /** Adds what the next entry says. */
  apply(entry: StoredEntry): void {
    if (entry.kind === 'version') this.#addVersion(entry, entry.version);
    if (entry.kind === 'removed') entry.versions.forEach((version) => this.#remove(version));
    for (const { alias, to } of entry.moves) {
      if (to === null) this.#aliases.delete(alias);
      else this.#aliases.set(alias, to);
    }
    this.#entries.push({
      seq: entry.seq,
      time: entry.time,
      kind: entry.kind,
      change: entry.kind === 'alias' ? entry.change : null,
      moves: entry.moves,
      versions: versionsOf(entry),
    });
  }

  /** Whether a version was given and, by a retention policy, removed. */
  isRemoved(version: string): boolean {
    return this.#versions.get(version)?.isRemoved === true;
  }

  /** Whether a version was ever given. */
  hasVersion(version: string): boolean {
    return this.#versions.has(version);
  }

  /** The version that holds some content now; undefined if none does. */
  versionOfDigest(digest: string): string | undefined {
    return this.#versionByDigest.get(digest);
  }

  /** A version, removed or not; undefined if it was never given. */
  version(version: string): ArtifactVersion | undefined {
    const known = this.#versions.get(version);
    return known && this.#describe(known);
  }

  /** All versions, the removed ones too, in the order in which they were given. */
  versions(): ArtifactVersion[] {
    return [...this.#versions.values()].map((known) => this.#describe(known));
  }

  /** The versions that have their content, in the order in which they were given. */
  keptVersions(): ArtifactVersion[] {
    return this.versions().filter(({ version }) => !this.isRemoved(version));
  }

  /** The moves that bring aliases to a version, for those that are not there yet. */
  movesTo(
    version: string,
    aliases: Iterable<string>,
  ): { alias: string; from: string | null; to: string }[] {
    return [...new Set(aliases)]
      .filter((alias) => this.#aliases.get(alias) !== version)
      .map((alias) => ({ alias, from: this.#aliases.get(alias) ?? null, to: version }));
  }

  #addVersion(entry: StoredEntry, recorded: RecordedVersion): void {
    const { seq, time } = entry;
    const { created_at: createdAt = time } = recorded;
    this.#versions.set(recorded.version, { recorded, seq, createdAt, isRemoved: false });
    this.#versionByDigest.set(recorded.digest, recorded.version);
  }

  #remove(version: string): void {
    const known = this.#versions.get(version);
    if (known === undefined) return;
    known.isRemoved = true;
    this.#versionByDigest.delete(known.recorded.digest);
  }

  #describe({ recorded, createdAt }: KnownVersion): ArtifactVersion {
    return {
      name: this.name,
      version: recorded.version,
      digest: recorded.digest,
      type: recorded.type,
      bytes: recorded.bytes,
      fileCount: recorded.file_count,
      createdAt,
      aliases: this.#aliasesOf(recorded.version),
      description: recorded.description,
      metadata: recorded.metadata,
      producer: recorded.producer && {
        runId: recorded.producer.run_id,
        runUuid: recorded.producer.run_uuid,
      },
      parents: recorded.parents,
      isExternal: recorded.is_external,
    };
  }

  /** `latest` first, then by name. */
  #aliasesOf(version: string): string[] {
    const own = [...this.#aliases]
      .filter(([, target]) => target === version)
      .map(([alias]) => alias);
    return own.sort((a, b) => Number(b === LATEST) - Number(a === LATEST) || (a < b ? -1 : 1));
  }
}

function versionsOf(entry: StoredEntry): string[] {
  if (entry.kind === 'version') return [entry.version.version];
  return entry.kind === 'removed' ? entry.versions : [];
}
