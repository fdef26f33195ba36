import { removeStaleTemporaries } from '@pixelis/core';
import type { CollectionReport, ContentStore } from '@pixelis/store';
import { LATEST } from './alias-name';
import type { Histories } from './histories';
import type { History } from './history';
import {
  type ArtifactFile,
  artifactId,
  type ArtifactReference,
  type ArtifactVersion,
  type EntryBody,
} from './history-entry';
import { namePattern } from './name-pattern';

/**
 * Which versions keep their content. A version goes only if none of the rules that are given keeps it; if neither
 * `keepLast` nor `keepYoungerThanMs` nor `keepAliased` is given, all stay, and only what no version holds is collected.
 */
export interface RetentionPolicy {
  /** The newest so many versions of each artifact stay; from 0. */
  keepLast?: number;
  /** Versions with an alias stay. That of `latest` always does. @default true */
  keepAliased?: boolean;
  /** Versions younger than this stay. */
  keepYoungerThanMs?: number;
  /** Look at artifacts of these types alone. @default all */
  types?: readonly string[];
  /** Look at artifacts of these names alone; `*` stands for any characters, `?` for one. @default all */
  names?: readonly string[];
  /** Contents of the store that stay although no version holds them. @default none */
  pinned?: Iterable<string>;
  /** Content that was put within this time stays, see `ContentStore.collect`. @default 86,400,000, a day */
  gracePeriodMs?: number;
  /** Whether to do it; otherwise the report tells what would be done. @default false */
  isApplied?: boolean;
}

/** What a collection did, or would do. */
export interface ArtifactCollection {
  readonly isApplied: boolean;
  /** Versions whose content was given up; their entries and their lineage stay. */
  readonly removed: readonly ArtifactReference[];
  /** What became of the content. It goes in two runs: marked by the first, taken by a later one. */
  readonly content: CollectionReport;
}

/** What {@link collectArtifacts} works on. */
export interface CollectContext {
  readonly histories: Histories;
  readonly store: ContentStore;
  readonly now: () => Date;
  readonly files: (version: ArtifactReference) => Promise<readonly ArtifactFile[]>;
}

/**
 * Gives up the versions that no rule keeps, then collects what nothing holds. Safe while others write: a version is
 * given up by an entry that no other writer's entry can have come between, and new content is younger than the grace period.
 *
 * @throws {IntegrityError} If a history or a tree cannot be read: what it holds must not be taken for unwanted.
 */
export async function collectArtifacts(
  context: CollectContext,
  policy: RetentionPolicy,
): Promise<ArtifactCollection> {
  const { histories, store } = context;
  const { isApplied = false, pinned = [], gracePeriodMs } = policy;
  checkPolicy(policy);
  const removed: ArtifactReference[] = [];
  for (const folder of histories.folders()) {
    const history = histories.readFolder(folder);
    if (isApplied) removeStaleTemporaries(histories.pathOf(folder));
    if (history === null || !isSelected(history, policy)) continue;
    removed.push(...(await giveUp(context, policy, history)));
  }
  const gone = new Set(removed.map(artifactId));
  const content = await store.collect({
    live: liveContents(context, gone, pinned),
    isApplied,
    ...(gracePeriodMs === undefined ? {} : { gracePeriodMs }),
  });
  return { isApplied, removed, content };
}

function checkPolicy({ keepLast, keepYoungerThanMs, gracePeriodMs }: RetentionPolicy): void {
  for (const [option, value] of Object.entries({ keepLast, keepYoungerThanMs, gracePeriodMs })) {
    if (value === undefined || value >= 0) continue;
    throw new RangeError(`Cannot collect: ${option} must be >= 0: current value is ${value}`);
  }
}

async function giveUp(
  { histories, now }: CollectContext,
  policy: RetentionPolicy,
  history: History,
): Promise<ArtifactVersion[]> {
  if (policy.isApplied !== true) return expendable(history, policy, now());
  const { plan } = await histories.add(history.name, (current) => {
    const removed = expendable(current, policy, now());
    return { removed, entry: removed.length === 0 ? null : removalEntry(current, removed) };
  });
  return plan.removed;
}

function removalEntry(history: History, removed: readonly ArtifactVersion[]): EntryBody {
  const versions = removed.map(({ version }) => version);
  const moves = [...history.aliases]
    .filter(([, version]) => versions.includes(version))
    .map(([alias, from]) => ({ alias, from, to: null }));
  return { kind: 'removed', versions, moves };
}

function isSelected(history: History, { types, names }: RetentionPolicy): boolean {
  if (types !== undefined && (history.type === null || !types.includes(history.type))) return false;
  return names === undefined || names.some((pattern) => namePattern(pattern)(history.name));
}

/** The versions that no rule keeps. */
function expendable(history: History, policy: RetentionPolicy, now: Date): ArtifactVersion[] {
  const { keepLast, keepAliased, keepYoungerThanMs } = policy;
  if (keepLast === undefined && keepAliased === undefined && keepYoungerThanMs === undefined)
    return [];
  const versions = history.keptVersions();
  const youngSince = now.getTime() - (keepYoungerThanMs ?? 0);
  return versions.filter(({ aliases, createdAt }, index) => {
    if (aliases.includes(LATEST)) return false;
    if (keepAliased !== false && aliases.length > 0) return false;
    if (index >= versions.length - (keepLast ?? 0)) return false;
    return keepYoungerThanMs === undefined || Date.parse(createdAt) < youngSince;
  });
}

/** Read when the store asks: whatever is put from then on is young. What cannot be read stops the collection. */
async function* liveContents(
  { histories, files }: CollectContext,
  gone: ReadonlySet<string>,
  pinned: Iterable<string>,
): AsyncGenerator<string> {
  yield* pinned;
  for (const folder of histories.folders()) {
    const history = histories.readFolder(folder);
    for (const version of history?.keptVersions() ?? []) {
      if (gone.has(artifactId(version))) continue;
      yield version.digest;
      for (const { sha256 } of await files(version)) yield sha256;
    }
  }
}
