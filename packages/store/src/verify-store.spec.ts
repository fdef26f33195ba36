import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { sha256 } from '@pixelis/core';
import fc from 'fast-check';
import { sampleBytes } from '../test/sample-bytes';
import { filesBelow, useTemporaryFolder } from '../test/temporary-folder';
import { serialiseChunkList } from './chunk-list';
import { ContentStore } from './content-store';

const MIB = 1 << 20;
const SHARED = sampleBytes(5 * MIB);
const CONTENTS = {
  small: Buffer.from('a small one'),
  text: Buffer.from('compressible '.repeat(100)),
  first: SHARED,
  second: Buffer.concat([SHARED, sampleBytes(2 * MIB, 2)]),
};
const ADDRESSES = Object.values(CONTENTS).map(sha256).sort();
const temporaryFolder = useTemporaryFolder();
let original: string;

beforeAll(async () => {
  original = temporaryFolder();
  const store = ContentStore.open(original, { compression: 'zstd' });
  for (const content of Object.values(CONTENTS)) await store.put(content);
});

describe('ContentStore.verify()', () => {
  it('finds any bit that is flipped in any file, names each content hurt, and a new put heals them', async () => {
    const paths = filesBelow(original);
    expect(paths.some((path) => path.endsWith('.zst'))).toBe(true);
    const folder = copyOf(original);
    const store = ContentStore.open(folder, { compression: 'zstd' });
    await fc.assert(
      fc.asyncProperty(fc.nat(), fc.nat(), fc.nat(7), async (which, where, bit) => {
        const path = paths[which % paths.length]!;
        const bytes = readFileSync(join(folder, path));
        bytes[where % bytes.byteLength]! ^= 1 << bit;
        writeFileSync(join(folder, path), bytes);

        const hurt = await unreadable(store);
        const dry = await store.verify({ isRepairing: false });
        expect(dry.isIntact).toBe(false);
        expect(dry.damaged.map((content) => content.sha256)).toEqual(hurt);
        expect(hurt.length).toBeGreaterThan(0);
        expect(filesBelow(folder)).toEqual(paths);

        expect(await store.verify()).toEqual(dry);
        expect(await unreadable(store)).toEqual(hurt);
        for (const content of Object.values(CONTENTS)) await store.put(content);
        expect(await unreadable(store)).toEqual([]);
        expect(await store.verify()).toMatchObject({
          isIntact: true,
          damaged: [],
          damagedFiles: [],
        });
        rmSync(join(folder, 'v1', 'quarantine'), { recursive: true, force: true });
      }),
      { numRuns: 12 },
    );
  });

  it('names every content that a missing chunk was part of', async () => {
    const folder = copyOf(original);
    const store = ContentStore.open(folder);
    const chunk = filesBelow(folder).find((path) => path.startsWith('v1/chunks/'))!;
    const hurtBoth = [sha256(CONTENTS.first), sha256(CONTENTS.second)].sort();
    const isShared = readFileSync(join(folder, chunk)).equals(
      SHARED.subarray(0, readFileSync(join(folder, chunk)).byteLength),
    );
    rmSync(join(folder, chunk));
    const { isIntact, damaged, damagedFiles } = await store.verify();
    expect({ isIntact, damagedFiles }).toEqual({ isIntact: false, damagedFiles: [] });
    if (isShared) expect(damaged.map((content) => content.sha256)).toEqual(hurtBoth);
    for (const { sha256: address, reasons } of damaged) {
      expect(reasons).toEqual([`its chunk ${chunk.slice(-64)} is missing`]);
      expect(await store.has(address)).toBe(false);
    }
  });

  it('does not believe a list of intact chunks that are not those of its address', async () => {
    const folder = copyOf(original);
    const store = ContentStore.open(folder);
    const list = filesBelow(folder).find((path) => path.includes(sha256(CONTENTS.first)))!;
    const wrong = readFileSync(
      join(
        folder,
        filesBelow(folder).find((path) => path.includes(sha256(CONTENTS.second)))!,
      ),
    );
    writeFileSync(join(folder, list), wrong);
    await expect(store.readBytes(sha256(CONTENTS.first))).rejects.toMatchObject({
      code: 'CONTENT_DAMAGED',
    });
    expect(await store.verify()).toMatchObject({
      damaged: [
        { sha256: sha256(CONTENTS.first), reasons: ['its chunks are not those of its address'] },
      ],
      damagedFiles: [list],
    });
    await expect(store.readBytes(sha256(CONTENTS.first))).rejects.toMatchObject({
      code: 'CONTENT_MISSING',
    });
  });

  it('does not believe a list that gives a chunk another length', async () => {
    const folder = copyOf(original);
    const path = join(
      folder,
      filesBelow(folder).find((file) => file.includes(sha256(CONTENTS.first)))!,
    );
    const list = JSON.parse(readFileSync(path, 'utf8')) as {
      bytes: number;
      chunks: { bytes: number; sha256: string }[];
    };
    list.chunks[0]!.bytes -= 1;
    list.chunks[1]!.bytes += 1;
    writeFileSync(path, serialiseChunkList(list));
    const store = ContentStore.open(folder);
    await expect(store.readBytes(sha256(CONTENTS.first))).rejects.toMatchObject({
      code: 'CONTENT_DAMAGED',
    });
    const { damaged } = await store.verify();
    expect(damaged.map((content) => content.sha256)).toEqual([sha256(CONTENTS.first)]);
  });

  it('says how far it is', async () => {
    const seen: number[] = [];
    const { bytes } = await ContentStore.open(original).verify({
      onProgress: ({ doneBytes, totalBytes }) => {
        expect(totalBytes).toBeGreaterThanOrEqual(doneBytes);
        seen.push(doneBytes);
      },
    });
    expect(seen).toEqual([...seen].sort((a, b) => a - b));
    expect(seen.at(-1)).toBe(bytes);
    expect(seen.length).toBe(filesBelow(original).length);
  });
});

// Helpers

function copyOf(folder: string): string {
  const copy = temporaryFolder();
  cpSync(folder, copy, { recursive: true });
  return copy;
}

async function unreadable(store: ContentStore): Promise<string[]> {
  const hurt: string[] = [];
  for (const address of ADDRESSES) {
    try {
      expect(sha256(await store.readBytes(address))).toBe(address);
    } catch (error) {
      expect(error).toMatchObject({ name: 'IntegrityError' });
      hurt.push(address);
    }
  }
  return hurt;
}
