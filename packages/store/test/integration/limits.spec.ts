import { ContentStore } from '../../src';
import { filesBelow, useTemporaryFolder } from '../temporary-folder';
import { contentOf, start } from './processes';

/** Length of the stream whose memory is measured; more by the environment. */
const STREAM_MEBIBYTES = Number(process.env['PIXELIS_STORE_STREAM_MEBIBYTES'] ?? 256);
const RSS_BYTES_MAX = 200e6;
const LONG = 7;
const SMALL = 8;
const temporaryFolder = useTemporaryFolder();

describe('ContentStore with little memory', () => {
  it.each(['auto', 'none'])(
    'stores, reads and verifies a content longer than its memory, with chunking %s',
    async (chunking) => {
      const { ended } = start(['stream', temporaryFolder(), chunking, String(STREAM_MEBIBYTES)]);
      const { code, lines } = await ended;
      expect({ code, lines }).toMatchObject({
        code: 0,
        lines: [{ bytes: STREAM_MEBIBYTES * (1 << 20), isIntact: true }],
      });
      const [{ rssBytes }] = lines as [{ rssBytes: number }];
      if (process.env['PIXELIS_STORE_STREAM_MEBIBYTES'] !== undefined)
        console.log({ chunking, rssBytes });
      expect(rssBytes).toBeLessThan(RSS_BYTES_MAX);
    },
  );
});

// A limit on the length of a file makes the system refuse a write as a full disk does.
if (process.platform !== 'win32') {
  describe('ContentStore on a disk that takes no more', () => {
    it.each([
      ['a chunk', { chunking: 'auto' }, 1000],
      ['a whole file', { chunking: 'none' }, 1000],
      ['a small blob', {}, 0],
    ])(
      'fails with a DataError, and is intact, where %s does not fit',
      async (_, options, blocks) => {
        const folder = temporaryFolder();
        const store = ContentStore.open(folder);
        await store.put('before');
        const before = filesBelow(folder);
        const indices = blocks === 0 ? [SMALL] : [LONG, SMALL];
        const args = ['try', folder, JSON.stringify(options), ...indices.map(String)];
        const { code, lines } = await start(args, { blocks }).ended;
        expect(code).toBe(0);
        expect(lines[0]).toEqual({
          name: 'DataError',
          code: 'DISK_FULL',
          remedy: expect.stringContaining('free some space') as string,
        });
        expect(lines.slice(1)).toEqual(blocks === 0 ? [] : ['done']);
        const added = filesBelow(folder).filter((path) => !before.includes(path));
        expect(added.filter((path) => /^v1\/(tmp|lists)\//.test(path))).toEqual([]);
        expect(await store.verify()).toMatchObject({ isIntact: true });
        for (const index of indices) {
          const { sha256: address } = await store.put(contentOf(index));
          expect(contentOf(index).equals(await store.readBytes(address))).toBe(true);
        }
      },
    );
  });
}
