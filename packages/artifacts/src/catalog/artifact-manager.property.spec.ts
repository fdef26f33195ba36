import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { ArtifactManager } from './artifact-manager';

/** What an artifact should be, in the plainest words. */
interface ModelArtifact {
  versions: { version: string; content: string; isRemoved: boolean }[];
  aliases: Map<string, string>;
}

class Model {
  readonly artifacts = new Map<string, ModelArtifact>();

  artifact(name: string): ModelArtifact {
    const known = this.artifacts.get(name) ?? { versions: [], aliases: new Map<string, string>() };
    this.artifacts.set(name, known);
    return known;
  }

  /** What a put should give. */
  put(
    name: string,
    content: string,
    bump: 'major' | 'minor' | 'patch',
  ): { version: string; isNew: boolean } {
    const artifact = this.artifact(name);
    const known = artifact.versions.find((one) => !one.isRemoved && one.content === content);
    const version = known?.version ?? this.#next(artifact, bump);
    if (known === undefined) artifact.versions.push({ version, content, isRemoved: false });
    artifact.aliases.set('latest', version);
    return { version, isNew: known === undefined };
  }

  /** What a selector should name; null for what is unknown or removed. */
  resolve(name: string, selector: string): { version: string; content: string } | null {
    const artifact = this.artifacts.get(name);
    const short = /^v(\d+)$/.exec(selector);
    const version =
      short === null ? (artifact?.aliases.get(selector) ?? selector) : `${short[1]!}.0.0`;
    const found = artifact?.versions.find((one) => one.version === version);
    return found === undefined || found.isRemoved ? null : { version, content: found.content };
  }

  keepLast(name: string, count: number): string[] {
    const artifact = this.artifact(name);
    const kept = artifact.versions.filter(({ isRemoved }) => !isRemoved);
    const aliased = new Set(artifact.aliases.values());
    const removed = kept
      .slice(0, Math.max(0, kept.length - count))
      .filter(({ version }) => !aliased.has(version));
    for (const one of removed) one.isRemoved = true;
    return removed.map(({ version }) => version);
  }

  #next({ versions }: ModelArtifact, bump: 'major' | 'minor' | 'patch'): string {
    const numbers = versions.map(({ version }) => version.split('.').map(Number));
    const highest = numbers.sort((a, b) => a[0]! - b[0]! || a[1]! - b[1]! || a[2]! - b[2]!).at(-1);
    if (highest === undefined) return '1.0.0';
    const [major, minor, patch] = highest;
    if (bump === 'major') return `${major! + 1}.0.0`;
    return bump === 'minor' ? `${major}.${minor! + 1}.0` : `${major}.${minor}.${patch! + 1}`;
  }
}

const name = fc.constantFrom('x', 'model-a');
const selector = fc.oneof(
  fc.constantFrom(
    'latest',
    'best',
    'none',
    'v1',
    'v2',
    'v3',
    '1.0.0',
    '1.1.0',
    '1.0.1',
    '2.0.0',
    '2.1.0',
  ),
);
const command = fc.oneof(
  fc.record({
    kind: fc.constant('put' as const),
    name,
    content: fc.constantFrom('a', 'b', 'c', 'd', 'e'),
    bump: fc.constantFrom('major' as const, 'minor' as const, 'patch' as const),
  }),
  fc.record({ kind: fc.constant('alias' as const), name, selector }),
  fc.record({
    kind: fc.constant('rollback' as const),
    name,
    alias: fc.constantFrom('latest', 'best'),
    selector,
  }),
  fc.record({ kind: fc.constant('unalias' as const), name }),
  fc.record({ kind: fc.constant('keepLast' as const), name, count: fc.nat(2) }),
  fc.record({ kind: fc.constant('resolve' as const), name, selector }),
);
type Command = typeof command extends fc.Arbitrary<infer T> ? T : never;

describe('ArtifactManager', () => {
  it('does what a plain model in memory does, and a fresh reader of the disk agrees', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(command, { maxLength: 14 }), async (commands) => {
        const root = mkdtempSync(join(tmpdir(), 'pixelis-model-'));
        try {
          const manager = ArtifactManager.open({ root, rank: 0 });
          const model = new Model();
          for (const one of commands) await runBoth(manager, model, one);
          // The other rank's manager has read nothing yet.
          await compareAll(ArtifactManager.open({ root, rank: 1 }), model);
          expect(await manager.verify()).toMatchObject({ isIntact: true });
        } finally {
          rmSync(root, { recursive: true, force: true });
        }
      }),
      { numRuns: 25 },
    );
  });
});

// Helpers

async function runBoth(manager: ArtifactManager, model: Model, one: Command): Promise<void> {
  const { artifacts } = model;
  switch (one.kind) {
    case 'put': {
      const put = await manager.put(one.name, { a: Buffer.from(one.content) }, { bump: one.bump });
      const { version, isNew } = put;
      expect({ version, isNew }).toEqual(model.put(one.name, one.content, one.bump));
      return;
    }
    case 'alias':
    case 'rollback': {
      const alias = one.kind === 'alias' ? 'best' : one.alias;
      const target = model.resolve(one.name, one.selector);
      const isKnown = one.kind === 'alias' || artifacts.get(one.name)?.aliases.has(alias) === true;
      const call =
        one.kind === 'alias'
          ? manager.setAlias(one.name, alias, one.selector)
          : manager.rollback(one.name, alias, one.selector);
      if (target === null || !isKnown) {
        await expect(call).rejects.toMatchObject({ exitCode: 2 });
        return;
      }
      expect((await call).version).toBe(target.version);
      artifacts.get(one.name)?.aliases.set(alias, target.version);
      return;
    }
    case 'unalias': {
      const call = manager.removeAlias(one.name, 'best');
      if (artifacts.get(one.name)?.aliases.delete('best') === true) await call;
      else await expect(call).rejects.toMatchObject({ exitCode: 2 });
      return;
    }
    case 'keepLast': {
      const report = await manager.collect({
        names: [one.name],
        keepLast: one.count,
        isApplied: true,
      });
      expect(report.removed.map(({ version }) => version)).toEqual(
        artifacts.has(one.name) ? model.keepLast(one.name, one.count) : [],
      );
      return;
    }
    case 'resolve':
      await compareOne(manager, model, one);
  }
}

async function compareOne(
  manager: ArtifactManager,
  model: Model,
  { name, selector }: { name: string; selector: string },
): Promise<void> {
  const expected = model.resolve(name, selector);
  if (expected === null) {
    expect(() => manager.resolve(`${name}:${selector}`)).toThrow();
    return;
  }
  const used = await manager.use(`${name}:${selector}`);
  const content = Buffer.from(await used.readBytes('a')).toString();
  expect({ version: used.version, content }).toEqual(expected);
}

async function compareAll(manager: ArtifactManager, model: Model): Promise<void> {
  for (const [name, { versions, aliases }] of model.artifacts) {
    for (const selector of [...versions.map(({ version }) => version), ...aliases.keys()])
      await compareOne(manager, model, { name, selector });
    const kept = versions.filter(({ isRemoved }) => !isRemoved).map(({ version }) => version);
    expect(manager.list({ name }).map(({ version }) => version)).toEqual(kept.reverse());
    const found = manager
      .list({ name })
      .flatMap((one) => one.aliases.map((alias) => [alias, one.version]));
    expect(found.sort()).toEqual([...aliases].sort());
  }
}
