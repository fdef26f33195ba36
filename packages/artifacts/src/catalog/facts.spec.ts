import { appendFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import promises from 'node:fs/promises';
import { join } from 'node:path';
import { DataError } from '@pixelis/core';
import { useTemporaryFolder } from '../../test/temporary-folder';
import { uuidV7 } from '../runs/uuid-v7';
import { type Fact, type FactBody, factLine, parseFactLine } from './fact';
import { FactLog } from './fact-log';
import { FactReader } from './fact-reader';

const temporaryFolder = useTemporaryFolder();

function body(name: string): FactBody {
  const run = { run_id: 'a', run_uuid: '01900000-0000-7000-8000-000000000001' };
  return { kind: 'run', run, job: 'train', name, status: 'RUNNING', error: null };
}

function fact(name: string, { seq = 1, time = '2026-01-01T00:00:00.000Z' } = {}): Fact {
  return { ...body(name), seq, time };
}

function namesIn(folder: string): unknown[] {
  return new FactReader(folder)
    .facts()
    .map((logged) => logged.fact.kind === 'run' && logged.fact.name);
}

function clock(...times: string[]): () => Date {
  return () => new Date(`2026-01-01T00:00:${times.shift() ?? '59'}.000Z`);
}

describe('parseFactLine()', () => {
  it('reads back what factLine() writes, and finds any flipped bit', () => {
    const line = factLine(fact('x')).trimEnd();
    expect(parseFactLine(line)).toEqual(fact('x'));
    const bytes = Buffer.from(line);
    for (let index = 0; index < bytes.length * 8; index++) {
      const damaged = Buffer.from(bytes);
      damaged[index >> 3]! ^= 1 << (index & 7);
      expect(parseFactLine(damaged.toString('latin1'))).toBeNull();
    }
  });

  it('takes what is no fact for damaged', () => {
    for (const line of ['', '{}', 'null', '{"sum":"x"}', '[1]'])
      expect(parseFactLine(line)).toBeNull();
  });
});

describe('FactLog', () => {
  it('makes nothing before its first fact, then keeps all in order', async () => {
    const folder = join(temporaryFolder(), 'log');
    const log = new FactLog(folder, () => new Date());
    expect(new FactReader(folder).facts()).toEqual([]);
    await Promise.all(['a', 'b', 'c'].map((name) => log.append(body(name))));
    await log.append(body('d'));
    expect(namesIn(folder)).toEqual(['a', 'b', 'c', 'd']);
    expect(readdirSync(folder)).toEqual([`${log.writer}.jsonl`]);
  });

  it('never lets its times go back, so that merging keeps its order', async () => {
    const folder = temporaryFolder();
    const log = new FactLog(folder, clock('05', '03', '06'));
    for (const name of ['a', 'b', 'c']) await log.append(body(name));
    expect(namesIn(folder)).toEqual(['a', 'b', 'c']);
  });

  it.each([0, 7, 400])(
    'leaves nothing torn of what did not fit when the disk was full after %d bytes',
    async (room) => {
      const folder = temporaryFolder();
      const log = new FactLog(folder, () => new Date());
      await log.append(body('kept'));
      const before = readFileSync(join(folder, `${log.writer}.jsonl`));
      const restore = fillDiskAfter(room);
      const refused = [log.append(body('lost')), log.append(body('lost too'))];
      for (const outcome of await Promise.allSettled(refused)) {
        expect(outcome).toMatchObject({ reason: { code: 'DISK_FULL', exitCode: 4 } });
        expect((outcome as PromiseRejectedResult).reason).toBeInstanceOf(DataError);
      }
      restore();
      expect(readFileSync(join(folder, `${log.writer}.jsonl`))).toEqual(before);
      await log.append(body('after'));
      expect(namesIn(folder)).toEqual(['kept', 'after']);
      expect(new FactReader(folder).problems()).toEqual([]);
    },
  );
});

describe('FactReader', () => {
  it('merges the logs of all writers by time, then writer, then number', async () => {
    const folder = temporaryFolder();
    let second = '01';
    const logs = [0, 1].map(
      () => new FactLog(folder, () => new Date(`2026-01-01T00:00:${second}.000Z`)),
    );
    const [a, b] = logs.sort((one, other) => (one.writer < other.writer ? -1 : 1));
    await a?.append(body('a'));
    second = '02';
    await b?.append(body('b'));
    second = '03';
    await b?.append(body('e'));
    await b?.append(body('f'));
    await a?.append(body('c'));
    await a?.append(body('d'));
    expect(namesIn(folder)).toEqual(['a', 'b', 'c', 'd', 'e', 'f']);
  });

  it('sees what is added to a log after it was read', async () => {
    const folder = temporaryFolder();
    const reader = new FactReader(folder);
    const log = new FactLog(folder, () => new Date());
    for (const count of [1, 2, 3]) {
      await log.append(body('x'));
      expect(reader.facts()).toHaveLength(count);
    }
    expect(reader.facts()).toBe(reader.facts());
  });

  it('skips a torn last line without a word, and reports any other damage', () => {
    const folder = temporaryFolder();
    const path = join(folder, `${uuidV7()}.jsonl`);
    const lines = [1, 2, 3, 4].map((seq) => factLine(fact(`${seq}`, { seq })));
    writeFileSync(path, lines.join('') + lines[0]!.slice(0, 40));
    expect(namesIn(folder)).toEqual(['1', '2', '3', '4']);
    expect(new FactReader(folder).problems()).toEqual([]);

    writeFileSync(path, lines.join('').replace('"seq":2', '"seq":7'));
    expect(namesIn(folder)).toEqual(['1', '3', '4']);
    expect(new FactReader(folder).problems()).toEqual([
      { path, line: 2, message: 'does not match its checksum' },
    ]);

    writeFileSync(path, [lines[0], lines[2], lines[3]].join(''));
    expect(new FactReader(folder).problems()).toEqual([
      { path, line: 2, message: 'holds record 3 where 2 belongs' },
    ]);
  });

  it('ignores what is no log', () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, 'sub'));
    appendFileSync(join(folder, 'notes.jsonl'), 'x\n');
    expect(new FactReader(folder).facts()).toEqual([]);
    expect(new FactReader(folder).problems()).toEqual([]);
  });
});

// Helpers

/** Makes every file that is opened from now on take `room` bytes, then fail as a full disk does. */
function fillDiskAfter(room: number): () => void {
  const { open } = promises;
  const spy = jest.spyOn(promises, 'open').mockImplementation(async (...parameters) => {
    const file = await open(...parameters);
    const write = file.write.bind(file);
    async function writeWhatFits(bytes: Buffer, offset: number, length: number, position: number) {
      if (room === 0)
        throw Object.assign(new Error('ENOSPC'), { code: 'ENOSPC', errno: -28, syscall: 'write' });
      const fits = Math.min(room, length);
      room -= fits;
      return write(bytes, offset, fits, position);
    }
    jest.spyOn(file, 'write').mockImplementation(writeWhatFits as promises.FileHandle['write']);
    return file;
  });
  return () => spy.mockRestore();
}
