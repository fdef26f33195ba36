import { TensorFile } from './tensor-file';

/** How far the weights in two files are apart. */
export interface WeightDistance {
  /** ‖a − b‖ / ‖a‖ in Euclidean norm over all tensors together; infinite where a value is not finite. */
  readonly relative: number;
  /** Why they cannot be compared, such as a tensor that is missing; null where they can. */
  readonly problem: string | null;
}

/** Options of {@link weightDistance}. */
export interface WeightDistanceOptions {
  /** Only tensors whose names begin so. @default '' */
  readonly prefix?: string;
}

/**
 * The distance of the weights in two safetensors files. Over all tensors together, since a single one may be at the mercy of
 * rounding: the gradient of a key's bias is zero but for it, and Adam makes steps of full size of the smallest gradient.
 *
 * @throws {IntegrityError} `TENSOR_FILE_BROKEN` if one is no safetensors file.
 * @throws {DataError} If one cannot be read.
 */
export function weightDistance(
  [pathA, pathB]: readonly [string, string],
  { prefix = '' }: WeightDistanceOptions = {},
): WeightDistance {
  const a = new TensorFile(pathA);
  try {
    const b = new TensorFile(pathB);
    try {
      return distanceOf(a, b, prefix);
    } finally {
      b.close();
    }
  } finally {
    a.close();
  }
}

function distanceOf(a: TensorFile, b: TensorFile, prefix: string): WeightDistance {
  const names = new Set([...a.tensors.keys(), ...b.tensors.keys()]);
  const sums = { difference: 0, weights: 0 };
  for (const name of names) {
    if (!name.startsWith(prefix)) continue;
    const [entryA, entryB] = [a.tensors.get(name), b.tensors.get(name)];
    if (entryA === undefined || entryB === undefined)
      return apart(`${name}: only ${entryA === undefined ? 'B' : 'A'} has it`);
    if (entryA.shape.join() !== entryB.shape.join() || entryA.dtype !== entryB.dtype)
      return apart(`${name}: another shape or type`);
    const [bytesA, bytesB] = [a.read(entryA), b.read(entryB)];
    if (entryA.dtype === 'F32') addSquares(sums, bytesA, bytesB);
    else if (!bytesA.equals(bytesB)) return apart(`${name}: its ${entryA.dtype} values differ`);
  }
  if (sums.difference === 0) return { relative: 0, problem: null };
  const relative = Math.sqrt(sums.difference / sums.weights);
  return { relative: Number.isNaN(relative) ? Infinity : relative, problem: null };
}

function apart(problem: string): WeightDistance {
  return { relative: Infinity, problem };
}

function addSquares(sums: { difference: number; weights: number }, a: Buffer, b: Buffer): void {
  for (let offset = 0; offset + 4 <= a.length; offset += 4) {
    const value = a.readFloatLE(offset);
    const difference = value - b.readFloatLE(offset);
    sums.difference += difference * difference;
    sums.weights += value * value;
  }
}
