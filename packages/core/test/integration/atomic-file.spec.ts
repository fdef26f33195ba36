import { fork } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { removeStaleTemporaries } from '../../src';

const KILLS = 200;
/** Files whose writers are killed side by side. */
const CHAINS = 4;
const contents = [Buffer.alloc(1_000_000, 'a'), Buffer.alloc(700_001, 'b')];

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'core-atomic-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Kills writers of one file, one after another, and returns what each left: the index of a content, or −1. */
async function killWriters(path: string, kills: number): Promise<number[]> {
  const found: number[] = [];
  for (let kill = 0; kill < kills; kill += 1) {
    const mode = kill % 2 === 0 ? 'sync' : 'async';
    const writer = fork(join(__dirname, 'atomic-writer.cjs'), [path, mode]);
    await once(writer, 'message');
    await wait(randomInt(25));
    const ended = once(writer, 'exit');
    writer.kill('SIGKILL');
    await ended;
    const bytes = readFileSync(path);
    found.push(contents.findIndex((content) => content.equals(bytes)));
  }
  return found;
}

describe('writeFileAtomic', () => {
  it(`leaves the old or the new file, whole, when its process is killed ${KILLS} times`, async () => {
    const names = Array.from({ length: CHAINS }, (_, i) => `file-${i}.bin`);
    for (const name of names) writeFileSync(join(folder, name), contents[0] ?? '');
    const chains = names.map((name) => killWriters(join(folder, name), KILLS / CHAINS));
    const found = (await Promise.all(chains)).flat();
    expect(found).toHaveLength(KILLS);
    expect([...new Set(found)].sort()).toEqual([0, 1]);

    const interrupted = readdirSync(folder).filter((name) => !names.includes(name));
    expect(interrupted.length).toBeGreaterThan(KILLS / 10);
    expect(removeStaleTemporaries(folder)).toEqual([]);
    expect(removeStaleTemporaries(folder, { olderThanMs: 0 }).sort()).toEqual(interrupted.sort());
    expect(readdirSync(folder).sort()).toEqual(names);
  }, 180_000);
});
