import { decompress, init } from '@bokuweb/zstd-wasm';
import fc from 'fast-check';
import { sampleBytes } from '../test/sample-bytes';
import { PIECE_BYTES_MAX } from './layout';
import { compressed, decompressed, frameContentBytes, sealed } from './zstd';

describe('compressed()', () => {
  it('gives a frame from which decompressed() gives the bytes back', async () => {
    const part = fc.uint8Array({ minLength: 1, maxLength: 300 });
    await fc.assert(
      fc.asyncProperty(part, fc.integer({ min: 50, max: 400 }), async (bytes, repeats) => {
        const content = Buffer.concat(Array.from({ length: repeats }, () => bytes));
        const frame = await compressed(content);
        if (frame === null) {
          expect(content.byteLength).toBeLessThan(400);
          return;
        }
        expect(frameContentBytes(frame)).toBe(content.byteLength);
        expect(Buffer.from((await decompressed(frame))!).equals(content)).toBe(true);
      }),
    );
  });

  it('gives null where it would save less than a sixteenth', async () => {
    expect(await compressed(sampleBytes(100_000))).toBeNull();
    expect(await compressed(new Uint8Array())).toBeNull();
    expect(await compressed(Buffer.from('short'))).toBeNull();
  });
});

describe('decompressed()', () => {
  it('gives null for a frame that is cut short, for bytes behind one and for no frame', async () => {
    const frame = Buffer.from((await compressed(Buffer.alloc(5000, 'pixelis ')))!);
    expect(await decompressed(frame.subarray(0, -1))).toBeNull();
    expect(await decompressed(Buffer.concat([frame, Buffer.from('x')]))).toBeNull();
    expect(await decompressed(Buffer.concat([frame, frame]))).toBeNull();
    expect(await decompressed(Buffer.from('no frame at all'))).toBeNull();
    expect(await decompressed(new Uint8Array())).toBeNull();
  });

  it('gives null, and takes no memory, for a frame that claims to be long', async () => {
    const header = Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0xa0, 0, 0, 0, 0, 1, 0, 0]);
    header.writeUInt32LE(PIECE_BYTES_MAX, 5);
    expect(frameContentBytes(header)).toBe(PIECE_BYTES_MAX);
    header.writeUInt32LE(PIECE_BYTES_MAX + 1, 5);
    expect(frameContentBytes(header)).toBeNull();
    expect(await decompressed(sealed(header))).toBeNull();
  });

  it('gives null whichever bit was flipped, although a decoder passes over some of them', async () => {
    const lines = Array.from({ length: 60 }, (_, index) => `line ${index * 7919}`).join('\n');
    const frame = Buffer.from((await compressed(Buffer.from(lines)))!);
    for (let bit = 0; bit < frame.byteLength * 8; bit++) {
      const flipped = Buffer.from(frame);
      flipped[bit >> 3]! ^= 1 << (bit & 7);
      expect(await decompressed(flipped)).toBeNull();
    }
  });

  it('is not needed by other readers: what is behind the frame is one that all of them skip', async () => {
    const frame = (await compressed(Buffer.alloc(5000, 'pixelis ')))!;
    await init();
    expect(Buffer.from(decompress(frame)).equals(Buffer.alloc(5000, 'pixelis '))).toBe(true);
  });
});

describe('frameContentBytes()', () => {
  it.each([
    ['too short a header', [0x28, 0xb5, 0x2f, 0xfd, 0x20]],
    ['another magic number', [0x29, 0xb5, 0x2f, 0xfd, 0x20, 1]],
    ['no content size', [0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x58, 0]],
    ['a dictionary', [0x28, 0xb5, 0x2f, 0xfd, 0x21, 1, 1]],
    ['a size that is cut short', [0x28, 0xb5, 0x2f, 0xfd, 0xa0, 1, 1, 1]],
  ])('gives null for %s', (_, bytes) => {
    expect(frameContentBytes(Uint8Array.from(bytes))).toBeNull();
  });

  it.each([
    [7, [0x28, 0xb5, 0x2f, 0xfd, 0x20, 7]],
    [256 + 3, [0x28, 0xb5, 0x2f, 0xfd, 0x60, 3, 0]],
    [256 + 3, [0x28, 0xb5, 0x2f, 0xfd, 0x40, 0x58, 3, 0]],
    [0x10203, [0x28, 0xb5, 0x2f, 0xfd, 0xa0, 3, 2, 1, 0]],
    [0x10203, [0x28, 0xb5, 0x2f, 0xfd, 0xe0, 3, 2, 1, 0, 0, 0, 0, 0]],
  ])('reads %d as RFC 8878 says', (size, bytes) => {
    expect(frameContentBytes(Uint8Array.from(bytes))).toBe(size);
  });
});
