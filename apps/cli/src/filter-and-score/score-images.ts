import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { DataError, explainSystemError, sha256 } from '@pixelis/core';
import { markDuplicates, type QualityScore, scoreImage, type ScoredRecord } from '@pixelis/data';
import sharp from 'sharp';

/** A picture of a folder. */
export interface ImageItem {
  /** Relative to the folder, with forward slashes. */
  readonly path: string;
  readonly sha256: string;
  readonly width: number;
  readonly height: number;
}

const EXTENSIONS = /\.(?:avif|bmp|gif|jpe?g|png|svg|tiff?|webp)$/i;

/**
 * Scores every picture below a folder by `scoreImage`; of pictures with the same pixels only the first counts.
 *
 * @throws {DataError} If there is none, or one cannot be read; the message names it.
 */
export async function scoreImages(folder: string): Promise<ScoredRecord<ImageItem>[]> {
  const paths = imagePaths(folder);
  if (paths.length === 0) {
    throw new DataError(`${folder} holds no pictures`, {
      code: 'IMAGES_MISSING',
      remedy: 'Give a folder with PNG, JPEG, WebP, TIFF, GIF, AVIF or SVG files.',
    });
  }
  const scored: { item: ImageItem; identity: string; quality: QualityScore }[] = [];
  for (const path of paths) scored.push(await scoreFile(folder, path));
  return markDuplicates(scored);
}

function imagePaths(folder: string): string[] {
  try {
    if (!statSync(folder).isDirectory()) return [];
    return readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((path) => EXTENSIONS.test(path))
      .map((path) => path.replaceAll('\\', '/'))
      .sort();
  } catch (error) {
    throw explainSystemError(error, { action: 'read', path: folder }) ?? error;
  }
}

async function scoreFile(
  folder: string,
  path: string,
): Promise<{ item: ImageItem; identity: string; quality: QualityScore }> {
  const bytes = readFileSync(join(folder, path));
  try {
    const { data, info } = await sharp(bytes)
      .flatten()
      .greyscale()
      .raw()
      .toBuffer({ resolveWithObject: true });
    const { width, height } = info;
    return {
      item: { path, sha256: sha256(bytes), width, height },
      identity: sha256(data),
      quality: scoreImage({ width, height, pixels: data }),
    };
  } catch (cause) {
    throw new DataError(`${join(folder, path)} is no picture that can be scored`, {
      code: 'IMAGE_UNREADABLE',
      remedy: 'Remove it from the folder, or replace it by a whole picture of at least 3 x 3.',
      cause,
    });
  }
}
