import { PixelisError } from '@pixelis/core';
import fc from 'fast-check';
import {
  decodeSafetensors,
  encodeSafetensors,
  type NamedTensor,
  type TensorTree,
} from './safetensors';

const tensor: fc.Arbitrary<NamedTensor> = fc.array(fc.nat(3), { maxLength: 3 }).chain((shape) =>
  fc
    .float32Array({
      minLength: sizeOf(shape),
      maxLength: sizeOf(shape),
      noNaN: true,
    })
    .map((data) => ({ shape, data })),
);

const name = fc.oneof(
  fc.string({ unit: 'grapheme' }),
  fc.constantFrom('__proto__', 'constructor', '0', 'toString'),
);

const tree = fc
  .uniqueArray(fc.tuple(name, tensor), { selector: ([key]) => key, maxLength: 6 })
  .map((entries): TensorTree => Object.fromEntries(entries));

const metadata = fc
  .array(fc.tuple(name, fc.string({ unit: 'grapheme' })), { maxLength: 3 })
  .map((entries): Record<string, string> => Object.fromEntries(entries));

describe('encodeSafetensors() and decodeSafetensors()', () => {
  it('give back every tensor and text as it was', () => {
    fc.assert(
      fc.property(tree, metadata, (tensors, text) => {
        const decoded = decodeSafetensors(encodeSafetensors(tensors, text));

        expect(Object.entries(decoded.tensors).sort(byName)).toEqual(
          Object.entries(tensors).sort(byName),
        );
        expect(Object.entries(decoded.metadata).sort(byName)).toEqual(
          Object.entries(text).sort(byName),
        );
      }),
    );
  });

  it('give equal bytes for equal tensors in any order, and for what was read', () => {
    fc.assert(
      fc.property(tree, metadata, (tensors, text) => {
        const file = encodeSafetensors(tensors, text);
        const reversed = Object.fromEntries(Object.entries(tensors).reverse());

        expect(encodeSafetensors(reversed, text)).toEqual(file);
        expect(encodeSafetensors(decodeSafetensors(file).tensors, text)).toEqual(file);
      }),
    );
  });

  it('refuse a file with another byte, or read it whole, but never fail otherwise', () => {
    fc.assert(
      fc.property(tree, fc.nat(), fc.integer({ min: 1, max: 255 }), (tensors, place, change) => {
        const file = encodeSafetensors(tensors);
        const at = place % file.length;
        file[at] = file[at]! ^ change;

        try {
          const decoded = Object.values(decodeSafetensors(file).tensors);
          expect(decoded.every(({ shape, data }) => data.length === sizeOf(shape))).toBe(true);
        } catch (error) {
          expect(error).toBeInstanceOf(PixelisError);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('refuse any JSON as a header, or read it, but never fail otherwise', () => {
    const value = fc.jsonValue();
    const header = fc.dictionary(
      fc.oneof(name, fc.constant('__metadata__')),
      fc.oneof(
        value,
        fc.record({
          dtype: fc.oneof(fc.constant('F32'), value),
          shape: fc.oneof(fc.array(fc.nat(2)), value),
          data_offsets: fc.oneof(fc.array(fc.nat(16)), value),
        }),
      ),
    );
    fc.assert(
      fc.property(header, fc.nat(32), (content, bytes) => {
        const text = Buffer.from(JSON.stringify(content));
        const length = Buffer.alloc(8);
        length.writeBigUInt64LE(BigInt(text.length));

        try {
          decodeSafetensors(Buffer.concat([length, text, new Uint8Array(bytes)]));
        } catch (error) {
          expect(error).toMatchObject({ code: 'SAFETENSORS_INVALID' });
        }
      }),
      { numRuns: 500 },
    );
  });
});

// Helpers

function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, extent) => product * extent, 1);
}

function byName([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : 1;
}
