import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { canonicalJson, IntegrityError, sha256 } from '@pixelis/core';
import { useTemporaryFolder } from '../../test/temporary-folder';
import { thrownBy } from '../../test/thrown-by';
import { readEvents, verifyEventChain } from './event-chain';
import { EventLog } from './event-log';

const temporaryFolder = useTemporaryFolder();
const FIRST = {
  data: {},
  previous: '0'.repeat(64),
  seq: 1,
  time: '2026-01-02T03:04:05.000Z',
  type: 'created',
};

function fileOf(text: string): string {
  const path = join(temporaryFolder(), 'events.jsonl');
  writeFileSync(path, text);
  return path;
}

describe('verifyEventChain', () => {
  it('verifyEventChain() accepts a chain made by hand', () => {
    const first = canonicalJson(FIRST);
    const second = canonicalJson({ ...FIRST, seq: 2, type: 'x', previous: sha256(first) });
    const path = fileOf(`${first}\n${second}\n`);
    const head = sha256(second);
    expect(verifyEventChain(path, { head, count: 2 })).toEqual({
      isIntact: true,
      count: 2,
      head,
      problem: null,
    });
    expect(readEvents(path).map(({ type }) => type)).toEqual(['created', 'x']);
  });

  it('verifyEventChain() accepts the empty chain', () => {
    expect(verifyEventChain(fileOf('')).isIntact).toBe(true);
  });

  it.each([
    ['a line that is not canonical', `${canonicalJson(FIRST).replace('{', '{ ')}\n`],
    ['a line that is not an event', '{"seq":1}\n'],
    ['a line that is not JSON', 'created\n'],
    ['a further key', `${canonicalJson({ ...FIRST, more: 1 })}\n`],
    ['a byte order mark', `\uFEFF${canonicalJson(FIRST)}\n`],
    [
      'a first line that follows another',
      `${canonicalJson({ ...FIRST, previous: 'a'.repeat(64) })}\n`,
    ],
    ['a first line that is not number 1', `${canonicalJson({ ...FIRST, seq: 2 })}\n`],
    ['a torn line', canonicalJson(FIRST)],
  ])('verifyEventChain() finds %s', (_, text) => {
    const report = verifyEventChain(fileOf(text));
    expect(report.isIntact).toBe(false);
    expect(report.problem?.line).toBe(1);
  });

  it('verifyEventChain() finds that lines were added after the head', () => {
    const line = canonicalJson(FIRST);
    const second = canonicalJson({ ...FIRST, seq: 2, previous: sha256(line) });
    const report = verifyEventChain(fileOf(`${line}\n${second}\n`), {
      head: sha256(line),
      count: 1,
    });
    expect(report.problem).toEqual({ line: 2, reason: 'added: the chain had 1 lines' });
  });

  it('readEvents() refuses a broken chain with the line in its message', () => {
    const path = fileOf(`${canonicalJson(FIRST)}\nnonsense\n`);
    expect(() => readEvents(path)).toThrow(IntegrityError);
    expect(() => readEvents(path)).toThrow(/line 2/);
  });
});

describe('EventLog', () => {
  it('append() takes the time from the clock that it was given', () => {
    const path = fileOf('');
    const log = new EventLog(path, { now: () => new Date('2026-01-02T03:04:05Z') });
    log.append('created');
    log.close();
    expect(readEvents(path)).toEqual([FIRST]);
    expect(log.head).toBe(sha256(canonicalJson(FIRST)));
  });

  it('EventLog goes on where an earlier process stopped', () => {
    const path = fileOf('');
    for (const type of ['a', 'b', 'c']) {
      const log = new EventLog(path);
      log.append(type, { nested: [1, null, { x: 'y' }] });
      log.close();
    }
    expect(verifyEventChain(path)).toMatchObject({ isIntact: true, count: 3 });
  });

  it('EventLog cuts a torn last line and says so', () => {
    const path = fileOf(`${canonicalJson(FIRST)}\n{"data":{},"prev\0\0`);
    new EventLog(path).close();
    const events = readEvents(path);
    expect(events.map(({ type, data }) => ({ type, data }))).toEqual([
      { type: 'created', data: {} },
      { type: 'repaired', data: { cut_bytes: 18 } },
    ]);
  });

  it('EventLog refuses to go on from a chain that was tampered with', () => {
    const path = fileOf(`${canonicalJson({ ...FIRST, seq: 5 })}\n`);
    expect(thrownBy(() => new EventLog(path))).toMatchObject({ code: 'EVENT_CHAIN_BROKEN' });
  });

  it('EventLog goes on from any key of data, even __proto__', () => {
    const path = fileOf('');
    for (let process = 1; process <= 2; process++) {
      const log = new EventLog(path);
      log.append('a', { ['__proto__']: 1, constructor: 2 });
      log.close();
    }
    expect(verifyEventChain(path)).toMatchObject({ isIntact: true, count: 2 });
  });

  it('append() refuses data that JSON cannot hold and leaves the chain as it was', () => {
    const path = fileOf('');
    const log = new EventLog(path);
    expect(() => log.append('a', { x: NaN })).toThrow(TypeError);
    log.append('b');
    log.close();
    expect(readEvents(path)).toHaveLength(1);
  });
});
