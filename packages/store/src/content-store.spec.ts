import {
  createReadStream,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { sha256 } from '@pixelis/core';
import { safetensors, sampleBytes } from '../test/sample-bytes';
import { filesBelow, useTemporaryFolder } from '../test/temporary-folder';
import { ContentStore } from './content-store';
import type { ContentStoreOptions } from './types';

const MIB = 1 << 20;
const LONG = sampleBytes(10 * MIB);
const LONG_ADDRESS = sha256(LONG);
const TEXT = Buffer.from('{"prompt": "What is 2 plus 3?", "answer": 5}\n'.repeat(1000));
const temporaryFolder = useTemporaryFolder();

describe('ContentStore.open()', () => {
  it('makes nothing, and reads a folder that is not there as an empty store', async () => {
    const folder = join(temporaryFolder(), 'none', 'store');
    const store = ContentStore.open(folder);
    expect(await store.has(LONG_ADDRESS)).toBe(false);
    expect(await contentsOf(store)).toEqual([]);
    expect(await store.verify()).toMatchObject({ isIntact: true, contentCount: 0 });
    expect(await store.collect({ live: [] })).toMatchObject({ marked: [], taken: [] });
    await expect(store.readBytes(LONG_ADDRESS)).rejects.toMatchObject({ code: 'CONTENT_MISSING' });
    expect(existsSync(join(folder, '..'))).toBe(false);
  });
});

describe.each<[string, ContentStoreOptions]>([
  ['by default', {}],
  ['without chunks', { chunking: 'none' }],
  ['with zstd', { compression: 'zstd' }],
  ['without chunks, with zstd', { chunking: 'none', compression: 'zstd' }],
])('ContentStore %s', (_, options) => {
  it.each([0, 1, 5000, 4 * MIB - 1, 4 * MIB, 4 * MIB + 1, 10 * MIB])(
    'gives back %d bytes, and their address is their SHA-256',
    async (length) => {
      const store = ContentStore.open(temporaryFolder(), options);
      const bytes = LONG.subarray(0, length);
      const reference = await store.put(bytes);
      expect(reference).toEqual({ sha256: sha256(bytes), bytes: length });
      expect(bytes.equals(await store.readBytes(reference.sha256))).toBe(true);
      expect(await contentsOf(store)).toEqual([reference]);
      expect(await store.has(reference.sha256)).toBe(true);
      expect(await store.verify()).toMatchObject({ isIntact: true, contentCount: 1 });
    },
  );

  it('stores bytes, a text, a stream and a file alike, and once', async () => {
    const folder = temporaryFolder();
    const store = ContentStore.open(folder, options);
    const path = join(temporaryFolder(), 'file');
    for (const bytes of [TEXT, LONG]) {
      writeFileSync(path, bytes);
      const expected = await store.put(bytes);
      const files = filesBelow(folder);
      expect(await store.putFile(path)).toEqual(expected);
      expect(await store.put(createReadStream(path, { highWaterMark: 777_777 }))).toEqual(expected);
      if (bytes === TEXT) expect(await store.put(TEXT.toString())).toEqual(expected);
      expect(filesBelow(folder)).toEqual(files);
    }
  });

  it('writes a content into a file', async () => {
    const store = ContentStore.open(temporaryFolder(), options);
    const folder = temporaryFolder();
    const { sha256: address } = await store.put(LONG);
    await store.getFile(address, join(folder, 'a'));
    await store.getFile(address, join(folder, 'b'), { isDurable: true });
    expect(readFileSync(join(folder, 'a')).equals(LONG)).toBe(true);
    expect(readFileSync(join(folder, 'b')).equals(LONG)).toBe(true);
    expect(filesBelow(folder)).toEqual(['a', 'b']);
  });

  it('reads what a store with other options wrote', async () => {
    const folder = temporaryFolder();
    const store = ContentStore.open(folder, options);
    const references = [await store.put(TEXT), await store.put(LONG)];
    for (const other of [{}, { chunking: 'none' }, { compression: 'zstd' }] as const) {
      const reader = ContentStore.open(folder, other);
      const files = filesBelow(folder);
      expect(TEXT.equals(await reader.readBytes(references[0]!.sha256))).toBe(true);
      expect(LONG.equals(await reader.readBytes(references[1]!.sha256))).toBe(true);
      expect(await reader.put(TEXT)).toEqual(references[0]);
      expect(filesBelow(folder)).toEqual(files);
    }
  });

  it('keeps what was put, whatever becomes of the bytes it was given', async () => {
    const store = ContentStore.open(temporaryFolder(), options);
    for (const length of [5000, 6 * MIB]) {
      const bytes = Buffer.from(LONG.subarray(0, length));
      const putting = store.put(bytes);
      await Promise.resolve();
      const { sha256: address } = await putting.finally(() => bytes.fill(0));
      expect(sha256(await store.readBytes(address))).toBe(address);
    }
  });

  it('leaves nothing of a stream that fails, and throws what the stream threw', async () => {
    const folder = temporaryFolder();
    const store = ContentStore.open(folder, options);
    for (const length of [100, 9 * MIB]) {
      const error = Object.assign(new Error('no such thing'), { code: 'ENOENT', errno: -2 });
      await expect(store.put(failing(LONG.subarray(0, length), error))).rejects.toBe(error);
    }
    expect(await contentsOf(store)).toEqual([]);
    expect(filesBelow(folder).filter((path) => !path.startsWith('v1/chunks/'))).toEqual([]);
  });
});

describe('ContentStore.put()', () => {
  it('closes a stream that it need not read to its end', async () => {
    const folder = join(temporaryFolder(), 'file');
    writeFileSync(folder, '');
    const stream = createReadStream(__filename);
    await expect(ContentStore.open(folder).put(stream)).rejects.toMatchObject({
      code: 'PATH_UNWRITABLE',
    });
    expect(stream.destroyed).toBe(true);
  });

  it('compresses only where that saves space', async () => {
    const folder = temporaryFolder();
    const store = ContentStore.open(folder, { compression: 'zstd' });
    await store.put(TEXT);
    await store.put(LONG.subarray(0, 5000));
    await store.put(Buffer.concat([LONG.subarray(0, 4 * MIB), Buffer.alloc(4 * MIB)]));
    const forms = filesBelow(folder).map((path) => path.replace(/^v1\/(\w+)\/..\/\w{64}/, '$1'));
    expect(forms.filter((form) => form.startsWith('blobs')).sort()).toEqual(['blobs', 'blobs.zst']);
    expect(new Set(forms.filter((form) => form.startsWith('chunks')))).toEqual(
      new Set(['chunks', 'chunks.zst']),
    );
  });

  it('stores tensors that did not change once', async () => {
    const folder = temporaryFolder();
    const store = ContentStore.open(folder);
    const frozen = LONG.subarray(0, 6 * MIB);
    await store.put(safetensors({ adapter: sampleBytes(70_000, 2), base: frozen }));
    const before = filesBelow(folder).length;
    await store.put(safetensors({ adapter: sampleBytes(70_000, 3), base: frozen, extra: TEXT }));
    // A header, the adapter, the new tensor and the list.
    expect(filesBelow(folder).length - before).toBe(4);
  });

  it('makes a content that is there young, and writes nothing', async () => {
    const folder = temporaryFolder();
    let now = new Date('2026-01-01T00:00:00Z');
    const store = ContentStore.open(folder, { now: () => now });
    for (const [bytes, area] of [
      [TEXT, 'blobs'],
      [LONG, 'lists'],
    ] as const) {
      await store.put(bytes);
      const path = join(
        folder,
        filesBelow(folder).find((file) => file.startsWith(`v1/${area}/`))!,
      );
      const { ino } = statSync(path);
      now = new Date(now.getTime() + 1000);
      await store.put(bytes);
      expect(statSync(path)).toMatchObject({ ino, mtimeMs: now.getTime() });
    }
  });

  it('heals a blob or a chunk that was cut or is gone', async () => {
    const folder = temporaryFolder();
    const store = ContentStore.open(folder);
    await store.put(TEXT);
    await store.put(LONG);
    for (const path of filesBelow(folder).filter((file) => !file.includes('lists'))) {
      const whole = readFileSync(join(folder, path));
      rmSync(join(folder, path));
      await store.put(path.includes('blobs') ? TEXT : LONG);
      expect(readFileSync(join(folder, path)).equals(whole)).toBe(true);
      writeFileSync(join(folder, path), whole.subarray(1));
      await store.put(path.includes('blobs') ? TEXT : LONG);
      expect(readFileSync(join(folder, path)).equals(whole)).toBe(true);
    }
  });

  it('removes temporary files that a killed writer left a day ago, and no younger ones', async () => {
    const folder = temporaryFolder();
    await ContentStore.open(folder).put('a');
    const [old, young] = ['000000000001', '000000000002'].map((id) =>
      join(folder, 'v1', 'tmp', `.pixelis-1-${id}.tmp`),
    ) as [string, string];
    for (const path of [old, young]) writeFileSync(path, 'torn');
    utimesSync(old, new Date(), new Date(Date.now() - 25 * 3_600_000));
    await ContentStore.open(folder).put('b');
    expect([old, young].map((path) => existsSync(path))).toEqual([false, true]);
  });

  it('fails with a DataError where a file stands in the way', async () => {
    const folder = join(temporaryFolder(), 'file');
    writeFileSync(folder, '');
    for (const content of [TEXT, LONG]) {
      await expect(ContentStore.open(folder).put(content)).rejects.toMatchObject({
        name: 'DataError',
        code: 'PATH_UNWRITABLE',
      });
    }
  });
});

describe('ContentStore.putFile()', () => {
  it.each([
    ['is missing', 'none', 'PATH_MISSING'],
    ['is a folder', '.', 'PATH_UNWRITABLE'],
  ])('fails with a DataError if the file %s', async (_, name, code) => {
    const folder = temporaryFolder();
    const store = ContentStore.open(join(folder, 'store'));
    await expect(store.putFile(join(folder, name))).rejects.toMatchObject({
      name: 'DataError',
      code,
    });
    expect(existsSync(join(folder, 'store'))).toBe(false);
  });
});

describe('ContentStore.read()', () => {
  it.each(['', 'x', '../../../etc/passwd', LONG_ADDRESS.toUpperCase()])(
    'refuses the address %j',
    async (address) => {
      const store = ContentStore.open(temporaryFolder());
      const refusal = { name: 'UsageError', code: 'ADDRESS_INVALID' };
      await expect(store.readBytes(address)).rejects.toMatchObject(refusal);
      await expect(store.has(address)).rejects.toMatchObject(refusal);
      await expect(store.getFile(address, 'x')).rejects.toMatchObject(refusal);
      await expect(store.collect({ live: [address] })).rejects.toMatchObject(refusal);
    },
  );

  it('holds the end of a content back until the whole is verified', async () => {
    const folder = temporaryFolder();
    const store = ContentStore.open(folder, { chunking: 'none' });
    const { sha256: address } = await store.put(LONG);
    flip(join(folder, filesBelow(folder)[0]!), { position: 5, bit: 1 });
    let bytes = 0;
    const reading = async () => {
      for await (const piece of store.read(address)) bytes += piece.byteLength;
    };
    await expect(reading()).rejects.toMatchObject({
      name: 'IntegrityError',
      code: 'CONTENT_DAMAGED',
    });
    expect(bytes).toBeLessThan(LONG.byteLength);
  });

  it('closes its file when the reader stops early', async () => {
    const store = ContentStore.open(temporaryFolder(), { chunking: 'none' });
    const { sha256: address } = await store.put(LONG);
    for await (const piece of store.read(address)) {
      expect(piece.byteLength).toBeGreaterThan(0);
      break;
    }
  });

  it('finds what a killed collector left in the trash', async () => {
    const folder = temporaryFolder();
    const store = ContentStore.open(folder);
    await store.put(TEXT);
    await store.put(LONG);
    mkdirSync(join(folder, 'v1', 'trash'));
    for (const path of filesBelow(folder)) {
      const [, area, , name] = path.split('/');
      renameSync(join(folder, path), join(folder, 'v1', 'trash', `${area}-${name}`));
    }
    expect(await store.has(LONG_ADDRESS)).toBe(true);
    expect(LONG.equals(await store.readBytes(LONG_ADDRESS))).toBe(true);
    await store.collect({ live: [], isApplied: true });
    expect((await contentsOf(store)).length).toBe(2);
    expect(filesBelow(join(folder, 'v1', 'trash'))).toEqual([]);
  });
});

describe('ContentStore.getFile()', () => {
  it('leaves the file that was there when the content is damaged', async () => {
    const folder = temporaryFolder();
    const store = ContentStore.open(folder);
    const { sha256: address } = await store.put(LONG);
    flip(join(folder, filesBelow(folder)[0]!), { position: 9, bit: 3 });
    const out = temporaryFolder();
    writeFileSync(join(out, 'file'), 'before');
    await expect(store.getFile(address, join(out, 'file'))).rejects.toMatchObject({
      code: 'CONTENT_DAMAGED',
    });
    await expect(store.getFile(sha256('none'), join(out, 'file'))).rejects.toMatchObject({
      code: 'CONTENT_MISSING',
    });
    expect(filesBelow(out)).toEqual(['file']);
    expect(readFileSync(join(out, 'file'), 'utf8')).toBe('before');
  });
});

// Helpers

async function contentsOf(store: ContentStore): Promise<unknown[]> {
  const contents: unknown[] = [];
  for await (const content of store.list()) contents.push(content);
  return contents;
}

async function* failing(bytes: Uint8Array, error: Error): AsyncGenerator<Uint8Array> {
  yield* [bytes];
  await Promise.resolve();
  throw error;
}

function flip(path: string, { position, bit }: { position: number; bit: number }): void {
  const bytes = readFileSync(path);
  bytes[position]! ^= 1 << bit;
  writeFileSync(path, bytes);
}
