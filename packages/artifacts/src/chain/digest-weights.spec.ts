import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DataError, digestParts } from '@pixelis/core';
import { safetensors, safetensorsFile } from '../../test/safetensors';
import { useTemporaryFolder } from '../../test/temporary-folder';
import { thrownBy } from '../../test/thrown-by';
import { digestWeights } from './digest-weights';

const temporaryFolder = useTemporaryFolder();

function fileOf(content: Uint8Array): string {
  const path = join(temporaryFolder(), 'weights');
  writeFileSync(path, content);
  return path;
}

describe('digestWeights()', () => {
  it('takes the tensors by the bytes of their names, wherever they lie', () => {
    // U+FF5E is EF BD 9E in UTF-8, U+1F600 is F0 9F 98 80, but D83D DE00 in UTF-16.
    const [first, second] = [Float32Array.of(1, 2), Float32Array.of(3)];
    const file = safetensors({ '\u{1F600}': second, '\uFF5E': first });

    expect(digestWeights(fileOf(file))).toEqual(digestParts([first, second]));
  });

  it('takes no account of metadata, and of a file without tensors too', () => {
    const header = { __metadata__: { a: 'b' }, w: { data_offsets: [0, 4] } };
    const weights = Float32Array.of(1);

    expect(digestWeights(fileOf(safetensorsFile(header, [weights])))).toEqual(
      digestParts([weights]),
    );
    expect(digestWeights(fileOf(safetensorsFile({})))).toEqual(digestParts([]));
  });

  it.each([
    ['is empty', Buffer.alloc(0)],
    ['is shorter than its header', safetensorsFile({}).subarray(0, 9)],
    ['claims a header past all numbers', Buffer.alloc(8, 0xff)],
    ['has no header', safetensorsFile(7)],
    [
      'has a header that is no JSON',
      Buffer.concat([safetensorsFile({}).subarray(0, 8), Buffer.from('{,')]),
    ],
    ['has a tensor without a place', safetensorsFile({ w: {} })],
    ['has a tensor past its end', safetensorsFile({ w: { data_offsets: [0, 4] } })],
    ['has a tensor that ends before it begins', safetensorsFile({ w: { data_offsets: [4, 0] } })],
  ])('knows none in a file that %s', (_, content) => {
    expect(digestWeights(fileOf(content))).toBeNull();
  });

  it('refuses a file that is not there', () => {
    expect(thrownBy(() => digestWeights(join(temporaryFolder(), 'none')))).toBeInstanceOf(
      DataError,
    );
  });
});
