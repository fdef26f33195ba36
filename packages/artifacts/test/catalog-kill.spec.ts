import { setTimeout as wait } from 'node:timers/promises';
import { ArtifactManager } from '../src/catalog/artifact-manager';
import { CatalogWriterProcess, type Promised } from './catalog-writer-process';
import { useTemporaryFolder } from './temporary-folder';

const temporaryFolder = useTemporaryFolder();
/** More for a long run: `PIXELIS_KILLS=500`. */
const KILLS = Number(process.env['PIXELIS_KILLS'] ?? 16);
const AT_ONCE = 4;
/** A writer is told of six facts for each run that it records: kills fall after each of them, and in between. */
const FACTS_OF_A_RUN = 6;
const STEP_MS = 20;

describe('a writer that is killed at any moment', () => {
  it('leaves all that it was promised, and nothing torn that is not found', async () => {
    const root = temporaryFolder();
    const promised: Promised[] = [];
    for (let kill = 0; kill < KILLS; kill += AT_ONCE) {
      const writers = Array.from(
        { length: AT_ONCE },
        (_, index) => new CatalogWriterProcess(root, { writer: `${kill}-${index}`, count: 10_000 }),
      );
      await Promise.all(writers.map(({ ready }) => ready));
      await Promise.all(writers.map((writer, index) => killSoon(writer, kill + index)));
      promised.push(...writers.flatMap((writer) => writer.promised));
    }
    expect(promised.filter(({ kind }) => kind === 'failed')).toEqual([]);
    await checkAll(root, promised);
  }, 3_600_000);
});

// Helpers

/** Kills within a step after so many facts, spread evenly by the golden ratio. */
async function killSoon(writer: CatalogWriterProcess, index: number): Promise<void> {
  writer.begin();
  const count = index % (FACTS_OF_A_RUN + 1);
  await writer.promises(count);
  await wait(((index * 0.618034) % 1) * STEP_MS);
  await writer.kill();
  expect(writer.promised.length).toBeGreaterThanOrEqual(count);
}

async function checkAll(root: string, promised: readonly Promised[]): Promise<void> {
  const manager = ArtifactManager.open({ root, rank: 0 });
  const facts = new Map(manager.runFacts().map((fact) => [fact.run.runUuid, fact]));
  const digests = new Map(manager.list().map((one) => [`${one.name}:${one.version}`, one.digest]));
  const aliasMoves = new Set(
    manager
      .history('shared')
      .flatMap(({ moves }) => moves.map(({ alias, to }) => `${alias} ${to}`)),
  );
  for (const { kind, name, version, digest, alias, runUuid = '', status } of promised) {
    const id = `${name}:${version}`;
    const run = facts.get(runUuid);
    const [used, produced] = [run?.used ?? [], run?.produced ?? []];
    if (kind === 'put') {
      expect(digests.get(id)).toBe(digest);
      expect(produced.map(({ artifact }) => `${artifact.name}:${artifact.version}`)).toContain(id);
    }
    if (kind === 'used')
      expect(used.map(({ artifact }) => `${artifact.name}:${artifact.version}`)).toContain(id);
    if (kind === 'alias') expect(aliasMoves).toContain(`${alias} ${version}`);
    if (kind === 'run') expect([status, 'COMPLETED']).toContain(run?.status);
  }
  // Whole, and it can be written to: a name that everybody wrote to goes on.
  expect(await manager.verify()).toMatchObject({ isIntact: true });
  expect(await manager.put('shared', { a: Buffer.from('after') })).toMatchObject({ isNew: true });
}
