import { createHash, randomBytes } from 'node:crypto';
import { sha256 } from '@pixelis/core';
import { type ObjectSource, type ObjectStore, readAll } from '../src/objects/object-store';

/** What every object store must do; `open` gives one that is empty, with parts of `partBytes`. */
export function itIsAnObjectStore(
  open: () => ObjectStore,
  { partBytes = 1024 * 1024 }: { partBytes?: number } = {},
): void {
  it('puts, tells of, gets, lists and deletes objects', async () => {
    const store = open();
    await store.connect();
    const keys = ['a/b.txt', 'a/c d+e&ü=(1).txt', 'a.txt', 'ab/x'];
    for (const key of keys)
      expect(await store.put(key, Buffer.from(`content of ${key}`))).toBe(true);
    expect(await text(store, 'a/c d+e&ü=(1).txt')).toBe('content of a/c d+e&ü=(1).txt');
    expect(await store.head('a.txt')).toMatchObject({ key: 'a.txt', bytes: 16 });
    expect(await listed(store, '')).toEqual([...keys].sort());
    expect(await listed(store, 'a/')).toEqual(['a/b.txt', 'a/c d+e&ü=(1).txt']);
    await store.delete('a.txt');
    await store.delete('a.txt');
    expect(await store.head('a.txt')).toBeNull();
    expect(await store.get('a.txt')).toBeNull();
    expect(await listed(store, 'nothing/')).toEqual([]);
  });

  it('replaces an object, but not with ifAbsent', async () => {
    const store = open();
    expect(await store.put('k', Buffer.from('1'), { ifAbsent: true })).toBe(true);
    expect(await store.put('k', Buffer.from('22'), { ifAbsent: true })).toBe(false);
    expect(await text(store, 'k')).toBe('1');
    expect(await store.put('k', Buffer.from('333'))).toBe(true);
    expect(await text(store, 'k')).toBe('333');
  });

  it('lets exactly one of several writers put a key with ifAbsent', async () => {
    const store = open();
    const writers = Array.from({ length: 6 }, (_, writer) => {
      return store.put('one', Buffer.from(String(writer)), { ifAbsent: true });
    });
    const results = await Promise.all(writers);
    expect(results.filter(Boolean)).toHaveLength(1);
    expect(await text(store, 'one')).toBe(String(results.indexOf(true)));
  });

  it('keeps an empty object and one of several parts', async () => {
    const store = open();
    await store.put('empty', Buffer.alloc(0));
    expect(await text(store, 'empty')).toBe('');
    const source = sourceOf(randomBytes(3 * partBytes + 12_345));
    expect(await store.put('large', source)).toBe(true);
    expect(await store.head('large')).toMatchObject({ bytes: source.bytes });
    expect(await store.put('large', source, { ifAbsent: true })).toBe(false);
    const found = await bytesOf(store, 'large');
    expect(sha256(found)).toBe(source.sha256);
  });

  it('refuses a source that is not what its SHA-256 says, and leaves nothing', async () => {
    const store = open();
    for (const bytes of [1000, 2 * partBytes + 1]) {
      const source = { ...sourceOf(randomBytes(bytes)), sha256: '0'.repeat(64) };
      await expect(store.put('wrong', source)).rejects.toMatchObject({ code: 'CONTENT_DAMAGED' });
      expect(await store.head('wrong')).toBeNull();
    }
  });

  it('lists more objects than a page holds', async () => {
    const store = open();
    const keys = Array.from(
      { length: 1050 },
      (_, index) => `page/${String(index).padStart(4, '0')}`,
    );
    for (let from = 0; from < keys.length; from += 50) {
      await Promise.all(keys.slice(from, from + 50).map((key) => store.put(key, Buffer.from('x'))));
    }
    expect(await listed(store, 'page/')).toEqual(keys);
  });

  it.each([['../x'], ['/x'], ['a//b'], ['a\\b'], ['']])('refuses the key %j', async (key) => {
    await expect(open().put(key, Buffer.from('x'))).rejects.toBeInstanceOf(RangeError);
  });
}

/** A source of bytes in memory that comes in pieces. */
export function sourceOf(bytes: Buffer): ObjectSource {
  const digest = createHash('sha256').update(bytes).digest('hex');
  return {
    bytes: bytes.byteLength,
    sha256: digest,
    open: async function* () {
      for (let from = 0; from < bytes.byteLength; from += 65_000) {
        yield await Promise.resolve(bytes.subarray(from, from + 65_000));
      }
    },
  };
}

/** The content of an object. */
export async function bytesOf(store: ObjectStore, key: string): Promise<Buffer> {
  const pieces = await store.get(key);
  if (pieces === null) throw new Error(`there is no ${key}`);
  return await readAll(pieces);
}

/** The keys that begin with a prefix, sorted. */
export async function listed(store: ObjectStore, prefix: string): Promise<string[]> {
  const keys: string[] = [];
  for await (const { key } of store.list(prefix)) keys.push(key);
  return keys.sort();
}

async function text(store: ObjectStore, key: string): Promise<string> {
  return (await bytesOf(store, key)).toString('utf8');
}
