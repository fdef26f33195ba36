import { join } from 'node:path';
import fc from 'fast-check';
import {
  flatNameOf,
  Layout,
  nameOf,
  parseFlatName,
  parseName,
  parseTrashName,
  requireAddress,
  type StoredFile,
} from './layout';

const A = 'ab'.repeat(32);
const address = fc.stringMatching(/^[0-9a-f]{64}$/);
const storedFile: fc.Arbitrary<StoredFile> = fc.oneof(
  fc.record({
    area: fc.constantFrom('blobs' as const, 'chunks' as const),
    sha256: address,
    isCompressed: fc.boolean(),
  }),
  fc.record({
    area: fc.constant('lists' as const),
    sha256: address,
    isCompressed: fc.constant(false),
  }),
);

describe('Layout', () => {
  it('keeps a blob under the first two digits of its address', () => {
    const layout = new Layout('store');
    expect(layout.pathOf({ area: 'blobs', sha256: A, isCompressed: false })).toBe(
      join('store', 'v1', 'blobs', 'ab', A),
    );
    expect(layout.relativePathOf({ area: 'chunks', sha256: A, isCompressed: true })).toBe(
      `v1/chunks/ab/${A}.zst`,
    );
    expect(layout.relativePathOf({ area: 'lists', sha256: A, isCompressed: false })).toBe(
      `v1/lists/ab/${A}.json`,
    );
  });
});

describe('parseName()', () => {
  it('is the inverse of nameOf()', () => {
    fc.assert(
      fc.property(storedFile, (file) => expect(parseName(file.area, nameOf(file))).toEqual(file)),
    );
  });

  it.each([
    '',
    'x',
    A.slice(1),
    `${A}0`,
    A.toUpperCase(),
    `${A}.zst.tmp`,
    `../${A}`,
    `${A}\n`,
    `${A}.json`,
  ])('knows no blob named %j', (name) => expect(parseName('blobs', name)).toBeNull());
});

describe('parseFlatName()', () => {
  it('is the inverse of flatNameOf()', () => {
    fc.assert(
      fc.property(storedFile, (file) => expect(parseFlatName(flatNameOf(file))).toEqual(file)),
    );
  });

  it.each(['', A, `other-${A}`, `lists-${A}`, 'blobs-', `blobs-../${A}`])(
    'knows no file named %j',
    (name) => expect(parseFlatName(name)).toBeNull(),
  );
});

describe('parseTrashName()', () => {
  it('knows a file by its flat name, with or without twelve digits of its own', () => {
    const digits = fc.stringMatching(/^[0-9a-f]{12}$/);
    fc.assert(
      fc.property(storedFile, digits, (file, ending) => {
        expect(parseTrashName(`${flatNameOf(file)}.${ending}`)).toEqual(file);
        expect(parseTrashName(flatNameOf(file))).toEqual(file);
      }),
    );
  });

  it.each([
    '',
    `blobs-${A}.`,
    `blobs-${A}.0123456789a`,
    `blobs-${A}.0123456789aB`,
    `blobs-${A}0123456789ab`,
  ])('knows no file named %j', (name) => expect(parseTrashName(name)).toBeNull());
});

describe('requireAddress()', () => {
  it('takes an address and nothing else', () => {
    expect(() => requireAddress(A)).not.toThrow();
    for (const wrong of ['', A.toUpperCase(), `${A} `, '../../etc/passwd', `${A}\n`]) {
      expect(() => requireAddress(wrong)).toThrow(
        expect.objectContaining({ code: 'ADDRESS_INVALID' }) as Error,
      );
    }
  });
});
