import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DataError } from '@pixelis/core';
import sharp from 'sharp';
import { useTemporaryFolder } from '../../test/support/temporary-folder';
import { scoreImages } from './score-images';

const temporaryFolder = useTemporaryFolder();
const SIDE = 256;

describe('scoreImages', () => {
  it('scores a sharp picture above a blurred one, and that above a flat one', async () => {
    const folder = temporaryFolder();
    await picture(folder, 'a.png');
    await picture(folder, 'b.png', { blur: 4 });
    await picture(folder, 'c.png', { isFlat: true });
    const [sharpScore = 0, blurred = 0, flat = 0] = (await scoreImages(folder)).map(
      ({ quality }) => quality.score,
    );
    expect(sharpScore).toBeGreaterThan(blurred);
    expect(blurred).toBeGreaterThan(flat);
  });

  it('looks into folders in the order of their paths, and leaves other files alone', async () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, 'below'));
    await picture(folder, 'z.jpg');
    await picture(folder, 'below/a.WEBP');
    writeFileSync(join(folder, 'notes.txt'), 'text');
    const items = (await scoreImages(folder)).map(({ item }) => item);
    expect(items).toMatchObject([
      { path: 'below/a.WEBP', width: SIDE, height: SIDE },
      { path: 'z.jpg', sha256: expect.stringMatching(/^[0-9a-f]{64}$/) as string },
    ]);
  });

  it('counts the same pixels once, in whatever file they are', async () => {
    const folder = temporaryFolder();
    await picture(folder, 'a.png');
    await picture(folder, 'b.tiff');
    const [first, second] = await scoreImages(folder);
    expect(first?.quality.score).toBeGreaterThan(0);
    expect(second?.quality.score).toBe(0);
  });

  it('refuses a folder without pictures, a file in its place and a folder that is not there', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'a.txt'), 'x');
    for (const path of [folder, join(folder, 'a.txt'), join(folder, 'missing')])
      await expect(scoreImages(path)).rejects.toThrow(DataError);
  });

  it.each([
    ['what is no picture', () => Buffer.from('no picture')],
    ['a picture that was cut', async () => (await pixels().png().toBuffer()).subarray(0, 200)],
    ['a picture of one pixel', () => sharp(new Uint8Array(1), { raw: { width: 1, height: 1, channels: 1 } }).png().toBuffer()],
  ])('names %s', async (_, content) => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'broken.png'), await content());
    await expect(scoreImages(folder)).rejects.toThrow(/broken\.png is no picture that can be scored/);
  }); // prettier-ignore
});

// Helpers

async function picture(
  folder: string,
  name: string,
  { blur, isFlat = false }: { blur?: number; isFlat?: boolean } = {},
): Promise<void> {
  const image = pixels(isFlat);
  await (blur === undefined ? image : image.blur(blur)).toFile(join(folder, name));
}

/** Squares of many greys. */
function pixels(isFlat = false): sharp.Sharp {
  const greys = Uint8Array.from({ length: SIDE * SIDE }, (_, at) => {
    const square = 16 * Math.floor(at / SIDE / 16) + Math.floor((at % SIDE) / 16);
    return isFlat ? 128 : (square * 83) % 256;
  });
  return sharp(greys, { raw: { width: SIDE, height: SIDE, channels: 1 } });
}
