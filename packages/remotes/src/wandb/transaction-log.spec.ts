import { crc32 } from 'node:zlib';
import { readTransactionLog, recoverTransactionLog, writeTransactionLog } from './transaction-log';
import type { WandbRecord } from './wandb-record';

const RECORDS: WandbRecord[] = [
  { type: 'header', producer: 'pixelis', minConsumer: '0.40.0' },
  {
    type: 'run',
    runId: 'abc',
    project: 'digits',
    displayName: 'one',
    tags: ['a:b', ''],
    startedAt: 1_795_367_583_268,
    git: { remote: 'https://example.org/x.git', commit: 'a'.repeat(40) },
  },
  { type: 'config', items: { a: 1, b: { c: [2.5, null, 'ü'] } } },
  { type: 'history', step: 0, items: { 'loss/train': -0.5, _step: 0 } },
  { type: 'history', step: 2 ** 40, items: { 'loss/train': 1e-300 } },
  { type: 'stats', time: 1_795_367_583_500, items: { cpu: 12.5 } },
  { type: 'summary', items: { best: 1 } },
  { type: 'exit', exitCode: 1, runtimeS: 3 },
  { type: 'final' },
  { type: 'footer' },
];

describe('writeTransactionLog', () => {
  it('writes what readTransactionLog reads', () => {
    expect(readTransactionLog(written(RECORDS))).toEqual({ records: RECORDS, problems: [] });
  });

  it('writes the bytes of the format: header, CRC-32 over type and data, length, type, protobuf', () => {
    const record = Buffer.from('0801aa01130a110a07706978656c69731206302e34302e30', 'hex');
    const crc = crc32(record, crc32(Buffer.of(1)));
    const head = Buffer.alloc(7);
    head.writeUInt32LE(crc, 0);
    head.writeUInt16LE(record.byteLength, 4);
    head.writeUInt8(1, 6);
    const expected = Buffer.concat([Buffer.from(':W&B\xe1\xbe\x00', 'latin1'), head, record]);
    expect(
      written([{ type: 'header', producer: 'pixelis', minConsumer: '0.40.0' }]).toString('hex'),
    ).toBe(expected.toString('hex'));
  });

  it('writes equal bytes for equal records', () => {
    expect(written(RECORDS).equals(written(structuredClone(RECORDS)))).toBe(true);
  });
});

describe('readTransactionLog', () => {
  it('passes over a damaged record and says where it was', () => {
    const bytes = written(RECORDS);
    bytes[100]! ^= 1;
    const { records, problems } = readTransactionLog(bytes);
    expect(records).toEqual([RECORDS[0]]);
    expect(problems).toMatchObject([{ reason: 'a checksum differs' }]);
  });

  it('knows the records of other types by their number', () => {
    // num = 1, telemetry (11) = {}.
    const bytes = Buffer.concat([...writeTransactionLog([])]);
    const payload = Buffer.from('08015a00', 'hex');
    const head = Buffer.alloc(7);
    head.writeUInt32LE(crc32(payload, crc32(Buffer.of(1))), 0);
    head.writeUInt16LE(4, 4);
    head.writeUInt8(1, 6);
    const { records } = readTransactionLog(Buffer.concat([bytes, head, payload]));
    expect(records).toEqual([{ type: 'other', field: 11 }]);
  });

  it.each([[''], [':W&B'], ['SQLite format 3\0']])(
    'throws for a file that begins with %j',
    (text) => {
      expect(() => readTransactionLog(Buffer.from(text))).toThrow(RangeError);
    },
  );
});

describe('recoverTransactionLog', () => {
  it('makes a whole file of the records that are intact', () => {
    const history: WandbRecord[] = Array.from({ length: 3000 }, (_, step) => ({
      type: 'history',
      step,
      items: { 'loss/train': step / 7 },
    }));
    const bytes = written([...RECORDS.slice(0, 3), ...history]);
    bytes[40_000]! ^= 0x55;
    const { records, problems } = readTransactionLog(recoverTransactionLog(bytes));
    expect(problems).toEqual([]);
    expect(records.length).toBeGreaterThan(2000);
    expect(records.length).toBeLessThan(3003);
    expect(records.at(-1)).toEqual(history.at(-1));
  });
});

// Helpers

function written(records: readonly WandbRecord[]): Buffer {
  return Buffer.concat([...writeTransactionLog(records)]);
}
