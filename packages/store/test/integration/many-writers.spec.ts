import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { sha256 } from '@pixelis/core';
import { ContentStore } from '../../src';
import { filesBelow, useTemporaryFolder } from '../temporary-folder';
import { contentOf, start } from './processes';

const WRITERS = 8;
const OLD_CONTENTS = 60;
const temporaryFolder = useTemporaryFolder();

describe('ContentStore shared by eight writers and a collector', () => {
  it('loses nothing that one of them recorded, stores it once, and takes what nobody wants', async () => {
    const folder = temporaryFolder();
    const logs = join(folder, 'logs');
    mkdirSync(logs);
    const anHourAgo = () => new Date(Date.now() - 3_600_000);
    const past = ContentStore.open(folder, { now: anHourAgo });
    for (let index = 0; index < OLD_CONTENTS; index++) await past.put(contentOf(index));

    const sweeper = start(['sweep', folder, logs]);
    const writers = Array.from({ length: WRITERS }, (_, writer) =>
      start(['record', folder, join(logs, `${writer}.log`), ...indicesOf(writer)]),
    );
    for (const { ended } of writers) expect(await ended).toMatchObject({ code: 0 });
    sweeper.child.stdin.end();
    expect(await sweeper.ended).toMatchObject({
      code: 0,
      lines: [{ taken: expect.any(Number) as number }],
    });

    const store = ContentStore.open(folder);
    const recorded = new Set(
      readdirSync(logs).flatMap((name) =>
        readFileSync(join(logs, name), 'utf8').trim().split('\n'),
      ),
    );
    for (const address of recorded) expect(sha256(await store.readBytes(address))).toBe(address);
    expect(await store.verify()).toMatchObject({ isIntact: true });
    for (let turn = 0; turn < 2; turn++)
      await store.collect({ live: recorded, gracePeriodMs: 60_000, isApplied: true });
    const left: string[] = [];
    for await (const content of store.list()) left.push(content.sha256);
    expect(left).toEqual([...recorded].sort());
    expect(filesBelow(join(folder, 'v1', 'tmp'))).toEqual([]);
  });
});

// Helpers

/** Of the old contents, which are being collected, some that two or three writers put, in orders that differ; and new ones. */
function indicesOf(writer: number): string[] {
  const shared = Array.from({ length: 12 }, (_, step) => (writer * 3 + step * 5) % 40);
  const fresh = Array.from({ length: 5 }, (_, step) => 1000 + ((writer + step) % WRITERS));
  return [...shared, ...fresh].map(String);
}
