import { setTimeout as wait } from 'node:timers/promises';
import { sha256 } from '@pixelis/core';
import { ContentStore } from '../../src';
import { filesBelow, useTemporaryFolder } from '../temporary-folder';
import { contentOf, start } from './processes';

/** Kills of each kind; more by the environment. */
const KILLS = Number(process.env['PIXELIS_STORE_KILLS'] ?? 10);
const temporaryFolder = useTemporaryFolder();

describe('ContentStore.put() killed at any moment', () => {
  it.each(['auto', 'none'])(
    'loses nothing that was committed and leaves nothing torn, with chunking %s',
    async (chunking) => {
      const folder = temporaryFolder();
      const store = ContentStore.open(folder);
      const committed = new Set<string>();
      for (let kill = 0; kill < KILLS; kill++) {
        const { child, ready, ended } = start(['put', folder, chunking, String(1 + 3 * kill)]);
        await ready;
        await wait(momentMs(kill));
        child.kill('SIGKILL');
        for (const line of (await ended).lines) {
          if (isReference(line)) committed.add(line.sha256);
        }
        const { isIntact, damaged } = await store.verify();
        expect({ isIntact, damaged }).toEqual({ isIntact: true, damaged: [] });
      }
      for (const address of committed) expect(await store.has(address)).toBe(true);
      const torn = filesBelow(folder).filter(
        (path) => !/^v1\/(blobs|chunks|lists|tmp)\//.test(path),
      );
      expect(torn).toEqual([]);
      expect(committed.size).toBeGreaterThan(0);
    },
  );
});

describe('ContentStore.collect() killed at any moment', () => {
  it('loses nothing that is live, and the next runs take the rest', async () => {
    const folder = temporaryFolder();
    const store = ContentStore.open(folder);
    const live = [0, 1, 2, 7].map((index) => sha256(contentOf(index)));
    for (let index = 0; index < 15; index++) await store.put(contentOf(index));
    let garbage = 100;
    for (let kill = 0; kill < KILLS; kill++) {
      const { child, ready, ended } = start(['collect', folder, ...live]);
      await ready;
      for (let count = 0; count < 5; count++) await store.put(contentOf((garbage += 1)));
      await wait(momentMs(kill));
      child.kill('SIGKILL');
      await ended;
      for (const address of live) expect(sha256(await store.readBytes(address))).toBe(address);
    }
    await store.collect({ live, gracePeriodMs: 0, isApplied: true });
    await store.collect({ live, gracePeriodMs: 0, isApplied: true });
    const left: string[] = [];
    for await (const content of store.list()) left.push(content.sha256);
    expect(left).toEqual([...live].sort());
    expect(await store.verify()).toMatchObject({ isIntact: true, contentCount: live.length });
    expect(filesBelow(folder).filter((path) => path.startsWith('v1/trash/'))).toEqual([]);
  });
});

// Helpers

/** Spread evenly over the first quarter of a second, without two that are alike (golden ratio sequence). */
function momentMs(kill: number): number {
  return 250 * ((kill * 0.618_033_988_75) % 1);
}

function isReference(line: unknown): line is { sha256: string } {
  return typeof line === 'object' && line !== null && 'sha256' in line;
}
