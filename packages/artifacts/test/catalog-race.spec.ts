import { ArtifactManager } from '../src/catalog/artifact-manager';
import { CatalogWriterProcess } from './catalog-writer-process';
import { useTemporaryFolder } from './temporary-folder';

const temporaryFolder = useTemporaryFolder();
const WRITERS = 8;
const COUNT = 4;

describe('eight processes that write to one catalog at once', () => {
  it('lose nothing, give no version twice, and give equal content one version', async () => {
    const root = temporaryFolder();
    const writers = Array.from(
      { length: WRITERS },
      (_, index) => new CatalogWriterProcess(root, { writer: `w${index}`, count: COUNT }),
    );
    await Promise.all(writers.map(({ ready }) => ready));
    writers.forEach((writer) => writer.begin());
    const codes = await Promise.all(writers.map((writer) => writer.end()));
    const promised = writers.flatMap((writer) => writer.promised);
    expect(promised.filter(({ kind }) => kind === 'failed')).toEqual([]);
    expect(codes).toEqual(Array.from({ length: WRITERS }, () => 0));

    const manager = ArtifactManager.open({ root, rank: 0 });
    const shared = manager.list({ name: 'shared' });
    expect(shared.map(({ version }) => version)).toEqual(
      Array.from({ length: COUNT }, (_, index) => `${COUNT - index}.0.0`),
    );
    expect(new Set(shared.map(({ digest }) => digest)).size).toBe(COUNT);
    const puts = promised.filter(({ kind, name }) => kind === 'put' && name === 'shared');
    expect(puts).toHaveLength(WRITERS * COUNT);
    expect(puts.filter(({ isNew }) => isNew)).toHaveLength(COUNT);
    for (const { version, digest } of puts)
      expect(manager.resolve(`shared:${version}`).digest).toBe(digest);
    for (let index = 0; index < WRITERS; index++) {
      expect(manager.list({ name: `own-w${index}` })).toHaveLength(COUNT);
      expect(manager.resolve(`shared:by-w${index}`)).toBeDefined();
    }
    const facts = manager.runFacts();
    expect(facts).toHaveLength(WRITERS * COUNT);
    for (const { status, used, produced } of facts) {
      expect(status).toBe('COMPLETED');
      expect([used.length, produced.length]).toEqual([1, 2]);
    }
    expect(await manager.verify()).toMatchObject({ isIntact: true });
  });
});

describe('a collector beside writers', () => {
  it('gives up versions by its policy and nothing else, while they go on', async () => {
    const root = temporaryFolder();
    const writers = ['a', 'b'].map(
      (writer) => new CatalogWriterProcess(root, { writer, count: COUNT }),
    );
    await Promise.all(writers.map(({ ready }) => ready));
    writers.forEach((writer) => writer.begin());
    const manager = ArtifactManager.open({ root, rank: 0 });
    const policy = { keepLast: 1, names: ['own-*'], isApplied: true };
    do await manager.collect(policy);
    while (writers.some(({ isEnded }) => !isEnded));
    expect(await Promise.all(writers.map((writer) => writer.end()))).toEqual([0, 0]);
    await manager.collect(policy);
    expect(manager.list({ name: 'own-*' }).map(({ version }) => version)).toEqual([
      `${COUNT}.0.0`,
      `${COUNT}.0.0`,
    ]);
    expect(manager.list({ name: 'shared' })).toHaveLength(COUNT);
    expect(await manager.verify()).toMatchObject({ isIntact: true });
  });
});
