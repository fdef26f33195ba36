import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sha256, sha256File, sha256FileSync } from './sha256';

describe('sha256', () => {
  // FIPS 180-2, appendix B, and the empty message of NIST's SHAVS.
  it.each([
    ['', 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'],
    ['abc', 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'],
    [
      'abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq',
      '248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1',
    ],
    ['a'.repeat(1_000_000), 'cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0'],
  ])('gives the published digest of vector %#', (text, digest) => {
    expect(sha256(text)).toBe(digest);
  });

  it('hashes a text as UTF-8', () => {
    expect(sha256('é€')).toBe(sha256(new Uint8Array([0xc3, 0xa9, 0xe2, 0x82, 0xac])));
  });

  it('hashes the bytes that a view covers, whatever its type and offset', () => {
    const bytes = new Uint8Array([9, 9, 9, 9, 0, 0, 128, 63, 9, 9]);
    const floats = new Float32Array(bytes.buffer, 4, 1);
    const expected = sha256(new Uint8Array([0, 0, 128, 63]));
    expect(sha256(floats)).toBe(expected);
    expect(sha256(new DataView(bytes.buffer, 4, 4))).toBe(expected);
  });
});

describe.each([
  ['sha256File', sha256File],
  ['sha256FileSync', async (path: string) => Promise.resolve(sha256FileSync(path))],
])('%s', (_, hashFile) => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'core-sha256-'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it.each([0, 1, 1 << 20, (5 << 20) + 7])('agrees with sha256 on a file of %d bytes', async (n) => {
    const bytes = Uint8Array.from({ length: n }, (_, i) => (i * 31 + (i >> 8)) & 255);
    const path = join(folder, `${n}.bin`);
    writeFileSync(path, bytes);
    expect(await hashFile(path)).toBe(sha256(bytes));
  });

  it('takes no more memory for a larger file', async () => {
    const path = join(folder, 'large.bin');
    writeFileSync(path, new Uint8Array(100 << 20));
    const before = process.memoryUsage().arrayBuffers;
    const hash = hashFile(path);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(8 << 20);
    expect(await hash).toBe('20492a4d0d84f8beb1767f6616229f85d44c2827b64bdbfb260ee12fa1109e0e');
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(8 << 20);
  });

  it('fails with the error of the system where there is no file', async () => {
    await expect(async () => hashFile(join(folder, 'none'))).rejects.toMatchObject({
      code: 'ENOENT',
    });
  });
});
