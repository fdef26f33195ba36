const SIDE = 28;
const PIXELS = SIDE * SIDE;
const BLOCK = 4;
const BLOCKS = SIDE / BLOCK;

/** What a reader compares instead of the pixels themselves; shape [28, 28] in and out. */
export type Preprocessing = (pixels: ArrayLike<number>) => Float32Array;

/** A k-nearest-neighbours classifier of pictures by cosine similarity, optionally told the question too. */
export class NearestReader {
  readonly #preprocess: Preprocessing;
  readonly #neighbours: number;
  readonly #known: { features: Float32Array; answer: number }[] = [];

  constructor(preprocess: Preprocessing, { neighbours }: { neighbours: number }) {
    this.#preprocess = preprocess;
    this.#neighbours = neighbours;
  }

  learn(pixels: Uint8Array, answer: number, question: readonly number[] = []): void {
    this.#known.push({ features: this.#features(pixels, question), answer });
  }

  /** The commonest answer of the nearest, the nearer ones counting more. */
  read(pixels: Uint8Array, question: readonly number[] = []): number | undefined {
    const features = this.#features(pixels, question);
    const nearest: { answer: number; nearness: number }[] = [];
    for (const known of this.#known) {
      const nearness = dot(known.features, features);
      const farthest = nearest.at(-1);
      const isFull = nearest.length === this.#neighbours;
      if (isFull && farthest !== undefined && nearness <= farthest.nearness) continue;
      if (isFull) nearest.pop();
      nearest.push({ answer: known.answer, nearness });
      nearest.sort((a, b) => b.nearness - a.nearness);
    }
    const votes = new Map<number, number>();
    for (const { answer, nearness } of nearest) {
      votes.set(answer, (votes.get(answer) ?? 0) + 1 + nearness);
    }
    return [...votes].sort(([, a], [, b]) => b - a)[0]?.[0];
  }

  #features(pixels: Uint8Array, question: readonly number[]): Float32Array {
    const picture = normalised(this.#preprocess(pixels));
    const features = new Float32Array(PIXELS + 48);
    features.set(picture);
    // A question weighs as much as the picture: each of its two cells has 16 places.
    question.slice(1).forEach((cell, place) => (features[PIXELS + 16 * place + (cell - 5)] = 0.7));
    return features;
  }
}

/** The pixels as they are. */
export function plain(pixels: ArrayLike<number>): Float32Array {
  return Float32Array.from(pixels);
}

/** Strokes on black, moved to the middle by their centre of mass and blurred a little, so that place matters less. */
export function centred(pixels: ArrayLike<number>): Float32Array {
  const strokes = Float32Array.from(pixels);
  const threshold = 0.15 * Math.max(...strokes);
  let mass = 0;
  let sumX = 0;
  let sumY = 0;
  for (let y = 0, at = 0; y < SIDE; y++) {
    for (let x = 0; x < SIDE; x++, at++) {
      const value = Math.max(0, strokes[at]! - threshold);
      strokes[at] = value;
      mass += value;
      sumX += value * x;
      sumY += value * y;
    }
  }
  const shiftX = Math.round(sumX / mass - (SIDE - 1) / 2);
  const shiftY = Math.round(sumY / mass - (SIDE - 1) / 2);
  return blurred(
    blurred(strokes.map((_, at) => pixelAt(strokes, (at % SIDE) + shiftX, row(at) + shiftY))),
  );
}

/**
 * Undoes an engraving as far as it can be: gives each block the mean that makes its edges meet its neighbours' best
 * (Gauss-Seidel on the least squares of the jumps), the ground around the cell being 0; then as {@link centred}.
 */
export function unengraved(pixels: ArrayLike<number>): Float32Array {
  const relief = Float32Array.from(pixels);
  const plate = relief.reduce((sum, value) => sum + value, 0) / PIXELS;
  for (let at = 0; at < PIXELS; at++) relief[at]! -= plate;
  for (let sweep = 0; sweep < 15; sweep++) {
    for (let block = 0; block < BLOCKS * BLOCKS; block++) {
      raise(relief, (block % BLOCKS) * BLOCK, Math.floor(block / BLOCKS) * BLOCK);
    }
  }
  return centred(relief);
}

function raise(relief: Float32Array, left: number, top: number): void {
  let jump = 0;
  for (let i = 0; i < BLOCK; i++) {
    jump += pixelAt(relief, left - 1, top + i) - pixelAt(relief, left, top + i);
    jump += pixelAt(relief, left + BLOCK, top + i) - pixelAt(relief, left + BLOCK - 1, top + i);
    jump += pixelAt(relief, left + i, top - 1) - pixelAt(relief, left + i, top);
    jump += pixelAt(relief, left + i, top + BLOCK) - pixelAt(relief, left + i, top + BLOCK - 1);
  }
  for (let y = top; y < top + BLOCK; y++) {
    for (let x = left; x < left + BLOCK; x++) relief[y * SIDE + x]! += jump / (4 * BLOCK);
  }
}

/** Each pixel as the mean of the 3×3 around it, weighted 1 2 1 both ways. */
function blurred(pixels: Float32Array): Float32Array {
  const alongRows = pixels.map((value, at) => {
    const x = at % SIDE;
    return pixelAt(pixels, x - 1, row(at)) + 2 * value + pixelAt(pixels, x + 1, row(at));
  });
  return alongRows.map((value, at) => {
    const x = at % SIDE;
    return pixelAt(alongRows, x, row(at) - 1) + 2 * value + pixelAt(alongRows, x, row(at) + 1);
  });
}

function row(at: number): number {
  return (at - (at % SIDE)) / SIDE;
}

function pixelAt(pixels: Float32Array, x: number, y: number): number {
  if (x < 0 || y < 0 || x >= SIDE || y >= SIDE) return 0;
  return pixels[y * SIDE + x]!;
}

/** Mean 0, length 1; a flat picture becomes 0. */
function normalised(pixels: Float32Array): Float32Array {
  const mean = pixels.reduce((sum, value) => sum + value, 0) / PIXELS;
  const shifted = pixels.map((value) => value - mean);
  const length = Math.sqrt(dot(shifted, shifted)) || 1;
  return shifted.map((value) => value / length);
}

function dot(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  const { length } = a;
  for (let at = 0; at < length; at += 4) {
    sum +=
      a[at]! * b[at]! + a[at + 1]! * b[at + 1]! + a[at + 2]! * b[at + 2]! + a[at + 3]! * b[at + 3]!;
  }
  return sum;
}
