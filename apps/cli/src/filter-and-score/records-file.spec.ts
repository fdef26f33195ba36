import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DataError } from '@pixelis/core';
import { useTemporaryFolder } from '../../test/support/temporary-folder';
import { readRecords, recordsText } from './records-file';

const path = join(useTemporaryFolder()(), 'records');

describe('readRecords', () => {
  it.each([
    ['JSON Lines', '{"a":1}\n\n{"a":2}\n'],
    ['lines of Windows', '{"a":1}\r\n{"a":2}\r\n'],
    ['an array', '[{"a":1},\n {"a":2}]'],
    ['a byte order mark', '\uFEFF{"a":1}\n{"a":2}'],
  ])('reads %s', (_, text) => {
    writeFileSync(path, text);
    expect(readRecords(path)).toEqual([{ a: 1 }, { a: 2 }]);
  });

  it('reads an empty file as no records', () => {
    writeFileSync(path, '');
    expect(readRecords(path)).toEqual([]);
  });

  it.each([
    ['{"a":1}\n{"a":\n', /line 2 is not JSON/],
    ['[{"a":1}', /is not JSON/],
    ['{"a":1}\n3\n', /line 2 is no JSON object/],
    ['[{"a":1},[]]', /item 2 is no JSON object/],
  ])('refuses %j, naming the place', (text, says) => {
    writeFileSync(path, text);
    expect(() => readRecords(path)).toThrow(DataError);
    expect(() => readRecords(path)).toThrow(says);
  });

  it('explains a file that is not there', () => {
    expect(() => readRecords(`${path}-missing`)).toThrow(/cannot read .*-missing/);
  });
});

describe('recordsText', () => {
  it('writes what readRecords reads, in the form that the name asks for', () => {
    const records = [{ b: 1, a: 'x' }, { a: 2 }];
    expect(recordsText(records, 'x.jsonl')).toBe('{"a":"x","b":1}\n{"a":2}\n');
    expect(recordsText(records, 'x.json')).toBe('[\n{"a":"x","b":1},\n{"a":2}\n]\n');
    writeFileSync(path, recordsText(records, 'x.json'));
    expect(readRecords(path)).toEqual(records);
  });
});
