import { IntegrityError } from '@pixelis/core';
import type { ContentStore, StoreVerification, VerifyOptions } from '@pixelis/store';
import type { FactReader, LogProblem } from './fact-reader';
import type { Histories } from './histories';
import type { History } from './history';
import { type ArtifactFile, artifactId, type ArtifactReference } from './history-entry';

/** A version that lost content. */
export interface HurtArtifact {
  readonly artifact: ArtifactReference;
  /** The file of the artifact; null if what names its files is lost. */
  readonly path: string | null;
  readonly sha256: string;
  readonly fault: 'damaged' | 'missing';
}

/** A history that is not as it was written. */
export interface HistoryProblem {
  /** Of the artifact; in lower case if no entry can tell it. */
  readonly name: string;
  readonly message: string;
}

/** What a verification of the store and its catalog found. */
export interface CatalogVerification {
  readonly isIntact: boolean;
  readonly store: StoreVerification;
  readonly hurt: readonly HurtArtifact[];
  readonly histories: readonly HistoryProblem[];
  readonly logs: readonly LogProblem[];
}

/** What {@link verifyArtifacts} works on, with nothing read yet that could hide what is on the disk. */
export interface VerifyContext {
  readonly histories: Histories;
  readonly facts: FactReader;
  readonly store: ContentStore;
  readonly files: (version: ArtifactReference) => Promise<readonly ArtifactFile[]>;
}

/**
 * Checks every content, every history and every log, and names what each fault hurts. A history whose last entries were
 * removed is found if a log still names a version of theirs.
 */
export async function verifyArtifacts(
  context: VerifyContext,
  options: VerifyOptions = {},
): Promise<CatalogVerification> {
  const { facts } = context;
  // Before the histories: what a log names then is in its history already.
  const referred = facts.facts().flatMap(({ fact }) => (fact.kind === 'run' ? [] : fact.artifact));
  const store = await context.store.verify(options);
  const { intact, problems } = readHistories(context.histories);
  const damaged = new Set(store.damaged.map(({ sha256 }) => sha256));
  const hurt: HurtArtifact[] = [];
  for (const history of intact) {
    for (const version of history.keptVersions())
      hurt.push(...(await hurtOf(context, version, damaged)));
  }
  const histories = [...problems, ...lostVersions(intact, problems, referred)];
  const logs = facts.problems();
  const isIntact = store.isIntact && hurt.length + histories.length + logs.length === 0;
  return { isIntact, store, hurt, histories, logs };
}

function readHistories(histories: Histories): { intact: History[]; problems: HistoryProblem[] } {
  const intact: History[] = [];
  const problems: HistoryProblem[] = [];
  for (const name of histories.folders()) {
    try {
      const history = histories.readFolder(name);
      if (history !== null) intact.push(history);
    } catch (error) {
      if (!(error instanceof IntegrityError)) throw error;
      problems.push({ name, message: error.message });
    }
  }
  return { intact, problems };
}

/** Versions that logs name and that no history has. */
function lostVersions(
  intact: readonly History[],
  problems: readonly HistoryProblem[],
  referred: readonly ArtifactReference[],
): HistoryProblem[] {
  const known = new Set(intact.flatMap((history) => history.versions().map(artifactId)));
  const broken = new Set(problems.map(({ name }) => name));
  const lost = new Map(referred.map((artifact) => [artifactId(artifact), artifact]));
  return [...lost]
    .filter(([id, { name }]) => !known.has(id) && !broken.has(name.toLowerCase()))
    .map(([id, { name }]) => ({ name, message: `${id} is named by a log, but by no history` }));
}

async function hurtOf(
  { store, files }: VerifyContext,
  { name, version, digest }: ArtifactReference,
  damaged: ReadonlySet<string>,
): Promise<HurtArtifact[]> {
  const artifact = { name, version, digest };
  async function faultOf(sha256: string): Promise<'damaged' | 'missing' | null> {
    if (damaged.has(sha256)) return 'damaged';
    return (await store.has(sha256)) ? null : 'missing';
  }
  const treeFault = await faultOf(digest);
  if (treeFault !== null) return [{ artifact, path: null, sha256: digest, fault: treeFault }];
  const hurt: HurtArtifact[] = [];
  for (const { path, sha256 } of await files(artifact)) {
    const fault = await faultOf(sha256);
    if (fault !== null) hurt.push({ artifact, path, sha256, fault });
  }
  return hurt;
}
