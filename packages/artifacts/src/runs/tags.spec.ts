import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { useTemporaryFolder } from '../../test/temporary-folder';
import { thrownBy } from '../../test/thrown-by';
import { checkTags, readTags, type RunTags, writeTags } from './tags';

const temporaryFolder = useTemporaryFolder();

describe('checkTags', () => {
  it.each(['a', '_', '0', 'exp_name', 'team/vision', 'A b-c.d', 'x'.repeat(250)])(
    'checkTags() accepts the key %j',
    (key) => {
      expect(checkTags({ [key]: 'v' })).toEqual({ [key]: 'v' });
    },
  );

  it.each(['', ' ', '-a', 'a ', '/a', '.a', 'a\n', 'ä', 'a=b', 'x'.repeat(251)])(
    'checkTags() refuses the key %j',
    (key) => {
      expect(() => checkTags({ [key]: 'v' })).toThrow(RangeError);
    },
  );

  it.each([1, null, undefined, ['a'], '\ud800'])('checkTags() refuses the value %j', (value) => {
    const tags = { a: value } as unknown as RunTags;
    expect(() => checkTags(tags)).toThrow(TypeError);
  });

  it('checkTags() leaves out secrets', () => {
    const token = `ghp_${'a1'.repeat(18)}`;
    expect(checkTags({ note: `with ${token}` })).toEqual({ note: 'with [redacted]' });
    expect(checkTags({ db_password: 'hush', exp_name: 'a' })).toEqual({
      db_password: '[redacted]',
      exp_name: 'a',
    });
  });
});

describe('readTags', () => {
  it('readTags() gives what was written, and nothing where there is no file', () => {
    const folder = temporaryFolder();
    expect(readTags(folder)).toEqual({});
    writeTags(folder, { b: '2', a: 'ä "1"' });
    expect(readTags(folder)).toEqual({ a: 'ä "1"', b: '2' });
  });

  it.each(['', '[]', '{"a":1}', '{"a":"b"'])('readTags() reports the file %j', (text) => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'tags.json'), text);
    expect(thrownBy(() => readTags(folder))).toMatchObject({ code: 'TAGS_BROKEN', exitCode: 5 });
  });
});
