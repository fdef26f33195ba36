import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { useTemporaryFolder } from '../../test/support/temporary-folder';
import { tensorBytes, type Tensors } from '../../test/support/tensor-bytes';
import { thrownBy } from '../../test/support/thrown-by';
import { compareTensorFiles } from './compare-tensors';

const temporaryFolder = useTemporaryFolder();

describe('compareTensorFiles()', () => {
  it('finds nothing in equal files, even if their metadata differs', () => {
    const { count, differing, metadata } = compare({ w: [1, 2] }, { w: [1, 2] });
    expect({ count, differing }).toEqual({ count: 1, differing: [] });
    expect(metadata).toEqual([{ from: 'a' }, { from: 'b' }]);
  });

  it('names the tensors that differ, by name, with the largest difference of each', () => {
    const { differing } = compare(
      { b: [1, 2, 3], a: [5], c: [0] },
      { b: [1, 2.5, 2.75], a: [5], c: [2 ** -149] },
    );
    expect(differing).toEqual([
      {
        tensor: 'b',
        shape: [3],
        problem: null,
        count: 2,
        largest: { index: [1], values: [2, 2.5], difference: 0.5, ulps: 2 ** 21 },
      },
      {
        tensor: 'c',
        shape: [1],
        problem: null,
        count: 1,
        largest: { index: [0], values: [0, 2 ** -149], difference: 2 ** -149, ulps: 1 },
      },
    ]);
  });

  it('compares bits: 0 and -0 differ by nothing, NaN is further than anything', () => {
    expect(compare({ w: [0] }, { w: [-0] }).differing).toMatchObject([
      { count: 1, largest: { difference: 0, ulps: 0 } },
    ]);
    expect(compare({ w: [1, 1] }, { w: [1e30, NaN] }).differing).toMatchObject([
      { count: 2, largest: { index: [1], difference: NaN, ulps: null } },
    ]);
  });

  it('says which file lacks a tensor or has another shape of it', () => {
    const { differing } = compare({ a: [1], b: [1, 2] }, { b: [1], c: [1] });
    expect(differing.map(({ tensor, problem }) => [tensor, problem])).toEqual([
      ['a', 'only A has it'],
      ['b', 'its shape is [2] in A and [1] in B'],
      ['c', 'only B has it'],
    ]);
  });

  it('gives the index of every dimension', () => {
    const [a, b] = [matrix([1, 2, 3, 4, 5, 6]), matrix([1, 2, 3, 4, 7, 6])];
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'a'), a);
    writeFileSync(join(folder, 'b'), b);
    expect(compareTensorFiles(join(folder, 'a'), join(folder, 'b')).differing).toMatchObject([
      { shape: [2, 3], largest: { index: [1, 1], values: [5, 7] } },
    ]);
  });

  it.each<[string, (bytes: Uint8Array) => Uint8Array]>([
    ['empty', () => new Uint8Array()],
    ['cut', (bytes) => bytes.slice(0, -1)],
    ['without a header', (bytes) => bytes.slice(0, 8)],
    ['with a header that is no JSON', (bytes) => bytes.fill(0x21, 8, 12)],
    ['with a length beyond its end', (bytes) => bytes.fill(0xff, 0, 6)],
  ])('refuses a file that is %s', (_, damage) => {
    const folder = temporaryFolder();
    const bytes = tensorBytes({ w: [1, 2] });
    writeFileSync(join(folder, 'a'), bytes);
    writeFileSync(join(folder, 'b'), damage(Uint8Array.from(bytes)));
    expect(thrownBy(() => compareTensorFiles(join(folder, 'a'), join(folder, 'b')))).toMatchObject({
      code: 'TENSOR_FILE_BROKEN',
      exitCode: 5,
    });
  });

  it('says that a file is missing', () => {
    const path = join(temporaryFolder(), 'none');
    expect(thrownBy(() => compareTensorFiles(path, path))).toMatchObject({
      code: 'PATH_MISSING',
      exitCode: 4,
    });
  });
});

// Helpers

function compare(a: Tensors, b: Tensors): ReturnType<typeof compareTensorFiles> {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'a'), tensorBytes(a, { from: 'a' }));
  writeFileSync(join(folder, 'b'), tensorBytes(b, { from: 'b' }));
  return compareTensorFiles(join(folder, 'a'), join(folder, 'b'));
}

function matrix(values: readonly number[]): Uint8Array {
  const text = Buffer.from(tensorBytes({ w: values })).toString('latin1');
  return Buffer.from(
    text
      .replace('"shape":[6]', '"shape":[2,3]')
      .replace(/^./, (first) => String.fromCharCode(first.charCodeAt(0) + 2)),
    'latin1',
  );
}
