import { DataError, sha256 } from '@pixelis/core';
import { readFixture, valuesOf, type EncodedTensor } from '../../test/support/tensors';
import { thrownBy } from '../../test/support/thrown-by';
import {
  decodeSafetensors,
  encodeSafetensors,
  type NamedTensor,
  type TensorTree,
} from './safetensors';

const fixture = readFixture('safetensors') as {
  readonly metadata: Record<string, string>;
  readonly tensors: Record<string, EncodedTensor>;
  readonly python_file: string;
  readonly canonical_file: string;
};

const fixtureTensors: TensorTree = Object.fromEntries(
  Object.entries(fixture.tensors).map(([name, tensor]) => [
    name,
    { shape: tensor.shape, data: valuesOf(tensor) },
  ]),
);

describe('encodeSafetensors()', () => {
  it('writes the canonical bytes, which the Python package reads', () => {
    expect(encodeSafetensors(fixtureTensors, fixture.metadata)).toEqual(
      bytesOf(fixture.canonical_file),
    );
  });

  it('writes what equals to the byte whatever the order of the tensors', () => {
    const reversed = Object.fromEntries(Object.entries(fixtureTensors).reverse());

    expect(sha256(encodeSafetensors(reversed))).toBe(sha256(encodeSafetensors(fixtureTensors)));
  });

  it('leaves metadata out where there is none, and pads the header with spaces to 8 bytes', () => {
    const file = encodeSafetensors({ w: vector(1, 2) });

    const { text, body } = parts(file);
    expect(text.trimEnd()).toBe('{"w":{"data_offsets":[0,8],"dtype":"F32","shape":[2]}}');
    expect(text.length % 8).toBe(0);
    expect(text).toMatch(/^[^ ]+ {0,7}$/);
    expect([...body]).toEqual([0, 0, 0x80, 0x3f, 0, 0, 0, 0x40]);
  });

  it('sorts tensors by the bytes of their names, where UTF-16 would sort otherwise', () => {
    // U+FF5E is EF BD 9E in UTF-8, U+1F600 is F0 9F 98 80, but D83D DE00 in UTF-16.
    const file = encodeSafetensors({ '\u{1F600}': vector(2), '\uFF5E': vector(1) });

    const { body } = parts(file);
    expect([...new Float32Array(body.slice().buffer)]).toEqual([1, 2]);
  });

  it('writes nothing but its header for no tensors', () => {
    expect(parts(encodeSafetensors({}))).toMatchObject({
      text: '{}      ',
      body: new Uint8Array(),
    });
  });

  it('refuses data that does not fill its shape, and the name that metadata has', () => {
    expect(() => encodeSafetensors({ w: { shape: [2, 2], data: new Float32Array(3) } })).toThrow(
      new RangeError('Cannot write tensor "w": shape [2,2] needs 4 values: there are 3'),
    );
    expect(() => encodeSafetensors({ __metadata__: vector(1) })).toThrow(RangeError);
  });
});

describe('decodeSafetensors()', () => {
  it.each(['python_file', 'canonical_file'] as const)('reads the %s of the fixture', (key) => {
    const { tensors, metadata } = decodeSafetensors(bytesOf(fixture[key]));

    expect(metadata).toEqual(fixture.metadata);
    expect(bitsOf(tensors)).toEqual(bitsOf(fixtureTensors));
  });

  it('reads a file that stands at an odd place of a larger buffer', () => {
    const file = encodeSafetensors({ w: vector(1, 2, 3) });
    const buffer = new Uint8Array(file.length + 3);
    buffer.set(file, 3);

    expect(decodeSafetensors(buffer.subarray(3)).tensors['w']?.data).toEqual(
      Float32Array.of(1, 2, 3),
    );
  });

  it('reads empty tensors wherever the header names them', () => {
    const header = {
      full: entry([1], [0, 4]),
      after: entry([0], [4, 4]),
      before: entry([2, 0], [0, 0]),
    };

    const { tensors } = decodeSafetensors(fileOf(header, new Uint8Array(4)));

    expect(Object.keys(tensors).sort()).toEqual(['after', 'before', 'full']);
  });

  it('keeps a tensor and a metadata entry named __proto__, and changes no prototype', () => {
    const tree = Object.fromEntries([
      ['__proto__', vector(1)],
      ['constructor', vector(2)],
    ]);
    const text = Object.fromEntries([['__proto__', 'polluted']]);

    const { tensors, metadata } = decodeSafetensors(encodeSafetensors(tree, text));

    expect(Object.keys(tensors).sort()).toEqual(['__proto__', 'constructor']);
    expect(Object.getOwnPropertyDescriptor(tensors, '__proto__')?.value).toEqual(vector(1));
    expect(Object.entries(metadata)).toEqual([['__proto__', 'polluted']]);
    expect(Object.getPrototypeOf(tensors)).toBe(Object.prototype);
    expect('shape' in {}).toBe(false);
  });

  const body = new Uint8Array(8);
  const invalid: [what: string, file: Uint8Array][] = [
    ['an empty file', new Uint8Array()],
    ['a length cut short', new Uint8Array(7)],
    ['a header longer than the file', lengthPrefixed(100n, '{}')],
    ['a header of 2^64 - 1 bytes', lengthPrefixed(2n ** 64n - 1n, '{}')],
    ['a header of 2^53 + 1 bytes', lengthPrefixed(2n ** 53n + 1n, '{}')],
    ['a header that is no JSON', lengthPrefixed(2n, '{,')],
    ['a header that is no UTF-8', Uint8Array.of(1, 0, 0, 0, 0, 0, 0, 0, 0xff)],
    ['a header with a byte order mark', lengthPrefixed(5n, '\uFEFF{}')],
    ['a header that is a list', lengthPrefixed(2n, '[]')],
    ['a header that is null', lengthPrefixed(4n, 'null')],
    ['an entry that is a number', fileOf({ w: 1 })],
    ['an entry that is null', fileOf({ w: null })],
    ['another type', fileOf({ w: { dtype: 'F64', shape: [1], data_offsets: [0, 8] } }, body)],
    ['no type', fileOf({ w: { shape: [2], data_offsets: [0, 8] } }, body)],
    [
      'a type that cannot be made text',
      fileOf({ w: { dtype: { toString: 1 }, shape: [2], data_offsets: [0, 8] } }, body),
    ],
    ['a negative extent', fileOf({ w: entry([-2], [0, 8]) }, body)],
    ['a broken extent', fileOf({ w: entry([0.5], [0, 2]) }, body)],
    ['extents whose product is past all numbers', fileOf({ w: entry([9e15, 9e15], [0, 8]) }, body)],
    ['a shape that is text', fileOf({ w: { ...entry([2], [0, 8]), shape: '2' } }, body)],
    ['a shape that does not fill its bytes', fileOf({ w: entry([1], [0, 8]) }, body)],
    ['negative offsets', fileOf({ w: entry([2], [-8, 0]) }, body)],
    ['offsets in the wrong order', fileOf({ w: entry([2], [8, 0]) }, body)],
    ['one offset', fileOf({ w: { ...entry([2], [0, 8]), data_offsets: [8] } }, body)],
    ['three offsets', fileOf({ w: { ...entry([2], [0, 8]), data_offsets: [0, 8, 8] } }, body)],
    ['an offset past all integers', fileOf({ w: entry([2], [0, 1e300]) }, body)],
    ['offsets past the end', fileOf({ w: entry([3], [0, 12]) }, body)],
    ['a gap', fileOf({ a: entry([1], [0, 4]), b: entry([1], [8, 12]) }, new Uint8Array(12))],
    ['a gap at the beginning', fileOf({ w: entry([1], [4, 8]) }, body)],
    ['an overlap', fileOf({ a: entry([2], [0, 8]), b: entry([1], [4, 8]) }, body)],
    ['bytes after the last tensor', fileOf({ w: entry([1], [0, 4]) }, body)],
    ['metadata that is a list', fileOf({ __metadata__: [] })],
    ['metadata that is a number', fileOf({ __metadata__: { step: 1 } })],
  ];
  it.each(invalid)('refuses %s', (_, file) => {
    const error = thrownBy(() => decodeSafetensors(file));

    expect(error).toBeInstanceOf(DataError);
    expect(error).toMatchObject({ code: 'SAFETENSORS_INVALID', exitCode: 4 });
  });

  it('refuses a file cut short at any byte', () => {
    const file = encodeSafetensors(fixtureTensors, fixture.metadata);
    for (let length = 0; length < file.length; length++) {
      expect(thrownBy(() => decodeSafetensors(file.subarray(0, length)))).toBeInstanceOf(DataError);
    }
  });
});

// Helpers

function vector(...values: number[]): NamedTensor {
  return { shape: [values.length], data: Float32Array.from(values) };
}

function entry(shape: number[], offsets: number[]): Record<string, unknown> {
  return { dtype: 'F32', shape, data_offsets: offsets };
}

function fileOf(header: Record<string, unknown>, body = new Uint8Array()): Uint8Array {
  const text = JSON.stringify(header);
  return Buffer.concat([lengthPrefixed(BigInt(Buffer.byteLength(text)), text), body]);
}

function lengthPrefixed(length: bigint, text: string): Uint8Array {
  const prefix = Buffer.alloc(8);
  prefix.writeBigUInt64LE(length);
  return Buffer.concat([prefix, Buffer.from(text)]);
}

function parts(file: Uint8Array): { text: string; body: Uint8Array } {
  const bytes = Buffer.from(file);
  const end = 8 + Number(bytes.readBigUInt64LE());
  return { text: bytes.toString('utf8', 8, end), body: file.slice(end) };
}

function bytesOf(base64: string): Uint8Array {
  return new Uint8Array(Buffer.from(base64, 'base64'));
}

/** Shapes and bits, since −0 must stay −0. */
function bitsOf(tree: TensorTree): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(tree).map(([name, { shape, data }]) => [
      name,
      { shape, bits: [...new Uint32Array(data.slice().buffer)] },
    ]),
  );
}
