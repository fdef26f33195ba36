import fs, {
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import promises from 'node:fs/promises';
import { join } from 'node:path';
import { canonicalJson, IntegrityError, sha256 } from '@pixelis/core';
import { useTemporaryFolder } from '../../test/temporary-folder';
import { thrownBy } from '../../test/thrown-by';
import { Histories } from './histories';
import type { EntryBody } from './history-entry';

const temporaryFolder = useTemporaryFolder();
const NAME = 'Tokenizer-a';

function versionEntry(version: string): { entry: EntryBody } {
  return {
    entry: {
      kind: 'version',
      moves: [],
      version: {
        version,
        type: 'other',
        digest: sha256(version),
        bytes: 1,
        file_count: 1,
        description: null,
        metadata: {},
        producer: null,
        parents: [],
        is_external: false,
      },
    },
  };
}

function open(folder: string): Histories {
  return new Histories(folder, () => new Date());
}

async function withEntries(count: number): Promise<string> {
  const folder = temporaryFolder();
  for (let index = 1; index <= count; index++)
    await open(folder).add(NAME, () => versionEntry(`${index}.0.0`));
  return folder;
}

function versionsIn(folder: string): string[] {
  return (
    open(folder)
      .read(NAME)
      ?.versions()
      .map(({ version }) => version) ?? []
  );
}

function entryPath(folder: string, seq: number): string {
  return join(folder, NAME.toLowerCase(), `${String(seq).padStart(6, '0')}.json`);
}

describe('Histories', () => {
  it('writes an entry a file, each with the hash of the one before, and leaves nothing else', async () => {
    const folder = await withEntries(3);
    expect(readdirSync(join(folder, 'tokenizer-a'))).toEqual([
      '000001.json',
      '000002.json',
      '000003.json',
    ]);
    const [first, second] = [1, 2].map((seq) => readFileSync(entryPath(folder, seq), 'utf8'));
    expect(JSON.parse(first!)).toMatchObject({ name: NAME, seq: 1, previous: '0'.repeat(64) });
    expect(JSON.parse(second!)).toMatchObject({ seq: 2, previous: sha256(first!) });
    expect(versionsIn(folder)).toEqual(['1.0.0', '2.0.0', '3.0.0']);
  });

  it('asks again, with what the newcomer wrote, when another writer was faster', async () => {
    const folder = await withEntries(1);
    const slow = open(folder);
    const seen: number[] = [];
    const { history } = await slow.add(NAME, (current) => {
      seen.push(current.entries.length);
      if (seen.length === 1) {
        // What another process does between this one's decision and its write.
        const previous = sha256(readFileSync(entryPath(folder, 1)));
        const time = new Date().toISOString();
        const { entry } = versionEntry('2.0.0');
        writeFileSync(
          entryPath(folder, 2),
          canonicalJson({ ...entry, entry_version: 1, name: NAME, seq: 2, time, previous }),
        );
      }
      return versionEntry(`${current.entries.length + 1}.0.0`);
    });
    expect(seen).toEqual([1, 2]);
    expect(history.versions().map(({ version }) => version)).toEqual(['1.0.0', '2.0.0', '3.0.0']);
    expect(versionsIn(folder)).toEqual(['1.0.0', '2.0.0', '3.0.0']);
  });

  it('does not take entries that come while it looks for a gap for proof of one', async () => {
    const folder = await withEntries(3);
    const aside = temporaryFolder();
    for (const seq of [2, 3]) renameSync(entryPath(folder, seq), join(aside, `${seq}`));
    const reader = open(folder);
    expect(reader.read(NAME)?.entries).toHaveLength(1);
    const { readdirSync: list } = fs;
    function listAfterNewcomers(...parameters: Parameters<typeof list>): ReturnType<typeof list> {
      for (const seq of [2, 3]) renameSync(join(aside, `${seq}`), entryPath(folder, seq));
      return list(...parameters);
    }
    const listing = jest.spyOn(fs, 'readdirSync').mockImplementationOnce(listAfterNewcomers);
    expect(reader.read(NAME)?.entries).toHaveLength(3);
    expect(listing).toHaveBeenCalledTimes(2);
    listing.mockRestore();
  });

  it('refuses a name that differs from another only in case, whoever came first', async () => {
    const folder = await withEntries(1);
    const taken = {
      code: 'ARTIFACT_NAME_TAKEN',
      remedy: expect.stringContaining(`Write ${NAME},`) as unknown,
    };
    expect(thrownBy(() => open(folder).read('TOKENIZER-A'))).toMatchObject(taken);
    await expect(
      open(folder).add('tokenizer-a', () => versionEntry('2.0.0')),
    ).rejects.toMatchObject(taken);
  });

  it.each(['../x', 'a/b', '', '.'])('knows nothing of %j, which could lead elsewhere', (name) => {
    expect(open(temporaryFolder()).read(name)).toBeNull();
  });

  it('finds any changed byte of an entry that another one follows', async () => {
    const folder = await withEntries(2);
    const bytes = readFileSync(entryPath(folder, 1));
    for (const index of bytes.keys()) {
      const damaged = Buffer.from(bytes);
      damaged[index]! ^= 0x01;
      writeFileSync(entryPath(folder, 1), damaged);
      expect(() => open(folder).read(NAME)).toThrow(IntegrityError);
    }
  });

  it.each([
    ['a missing entry', (folder: string) => rmSync(entryPath(folder, 2)), '000002.json is missing'],
    [
      'a torn entry',
      (folder: string) => writeFileSync(entryPath(folder, 3), '{"a'),
      '000003.json is damaged',
    ],
    [
      'entries in another order',
      (folder: string) => {
        renameSync(entryPath(folder, 2), entryPath(folder, 4));
        renameSync(entryPath(folder, 3), entryPath(folder, 2));
      },
      '000002.json belongs in another place',
    ],
    [
      'a rewritten entry',
      (folder: string) => {
        const text = readFileSync(entryPath(folder, 2), 'utf8');
        writeFileSync(entryPath(folder, 2), text.replace('"bytes":1', '"bytes":2'));
      },
      '000003.json does not follow the entry before it',
    ],
  ])('names %s, and leaves the artifact out of a list', async (_, harm, message) => {
    const folder = await withEntries(3);
    harm(folder);
    const error = thrownBy(() => open(folder).read(NAME));
    expect(error).toBeInstanceOf(IntegrityError);
    expect(error).toMatchObject({ code: 'ARTIFACT_HISTORY_BROKEN' });
    expect((error as Error).message).toContain(message);
    expect(open(folder).readIntact()).toEqual([]);
    await expect(open(folder).add(NAME, () => versionEntry('9.0.0'))).rejects.toThrow(
      IntegrityError,
    );
  });

  it('takes a folder without an entry for nothing', () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, 'empty'));
    expect(open(folder).folders()).toEqual(['empty']);
    expect(open(folder).names()).toEqual([]);
  });
});

describe('a file system without hard links', () => {
  it('gives every entry to one writer all the same', async () => {
    const link = jest.spyOn(promises, 'link').mockRejectedValue(systemError('EPERM'));
    const folder = temporaryFolder();
    const writers = Array.from({ length: 6 }, () => open(folder));
    await Promise.all(
      writers.map((writer) =>
        writer.add(NAME, (history) => versionEntry(`${history.entries.length + 1}.0.0`)),
      ),
    );
    expect(link).toHaveBeenCalled();
    link.mockRestore();
    expect(versionsIn(folder)).toEqual(['1.0.0', '2.0.0', '3.0.0', '4.0.0', '5.0.0', '6.0.0']);
    expect(readdirSync(join(folder, 'tokenizer-a'))).toHaveLength(6);
  });
});

describe('a network file system that loses the answer to a link', () => {
  it('is believed by the number of links, so that the entry is not written twice', async () => {
    const { link: realLink } = promises;
    const link = jest.spyOn(promises, 'link').mockImplementation(async (from, to) => {
      await realLink(from, to);
      throw systemError('EEXIST');
    });
    const folder = temporaryFolder();
    await open(folder).add(NAME, () => versionEntry('1.0.0'));
    link.mockRestore();
    expect(versionsIn(folder)).toEqual(['1.0.0']);
  });
});

describe('a full disk', () => {
  it('is a DataError, and nothing of the entry is there', async () => {
    const folder = await withEntries(1);
    const opening = jest.spyOn(promises, 'open').mockRejectedValue(systemError('ENOSPC'));
    await expect(open(folder).add(NAME, () => versionEntry('2.0.0'))).rejects.toMatchObject({
      code: 'DISK_FULL',
    });
    opening.mockRestore();
    expect(versionsIn(folder)).toEqual(['1.0.0']);
    expect(readdirSync(join(folder, 'tokenizer-a'))).toEqual(['000001.json']);
  });
});

// Helpers

function systemError(code: string): Error {
  return Object.assign(new Error(code), { code, errno: -1, syscall: 'x' });
}
