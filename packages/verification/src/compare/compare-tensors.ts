import { float32Distance } from './float32-distance';
import { type TensorEntry, TensorFile } from './tensor-file';

/** The entry of a tensor in which two runs are furthest apart. */
export interface LargestDifference {
  /** One index a dimension; none for a scalar. */
  readonly index: readonly number[];
  /** The value in A and that in B. */
  readonly values: readonly [number, number];
  /** Its size; NaN if a value is not a number, which counts as the largest. */
  readonly difference: number;
  /** How many float32 numbers lie from one to the other; null if one is not a number. */
  readonly ulps: number | null;
}

/** A tensor that differs. */
export interface TensorDifference {
  /** Its name in the file. */
  readonly tensor: string;
  readonly shape: readonly number[];
  /** Why the values cannot be compared, such as another shape; null where they can. */
  readonly problem: string | null;
  /** How many entries differ in their bits. */
  readonly count: number;
  readonly largest: LargestDifference | null;
}

/** What {@link compareTensorFiles} found. */
export interface TensorComparison {
  /** How many tensors the first file has. */
  readonly count: number;
  /** In the order of the names; none if all tensors are equal in bits. */
  readonly differing: readonly TensorDifference[];
  /** The `__metadata__` of the files. */
  readonly metadata: readonly [Readonly<Record<string, string>>, Readonly<Record<string, string>>];
}

/**
 * Compares two safetensors files tensor by tensor, bit for bit. One tensor of each is in memory at a time.
 *
 * @throws {IntegrityError} `TENSOR_FILE_BROKEN` if one is no safetensors file.
 * @throws {DataError} If one cannot be read.
 */
export function compareTensorFiles(pathA: string, pathB: string): TensorComparison {
  const a = new TensorFile(pathA);
  try {
    const b = new TensorFile(pathB);
    try {
      const names = [...new Set([...a.tensors.keys(), ...b.tensors.keys()])];
      return {
        count: a.tensors.size,
        differing: names.flatMap((name) => compareTensor(name, a, b) ?? []),
        metadata: [a.metadata, b.metadata],
      };
    } finally {
      b.close();
    }
  } finally {
    a.close();
  }
}

function compareTensor(tensor: string, a: TensorFile, b: TensorFile): TensorDifference | undefined {
  const [entryA, entryB] = [a.tensors.get(tensor), b.tensors.get(tensor)];
  if (entryA === undefined || entryB === undefined) {
    const { shape } = entryA ?? entryB ?? { shape: [] };
    const problem = `only ${entryA === undefined ? 'B' : 'A'} has it`;
    return { tensor, shape, problem, count: 0, largest: null };
  }
  const { shape } = entryA;
  const problem = contradictionOf(entryA, entryB);
  if (problem !== null) return { tensor, shape, problem, count: 0, largest: null };
  const [bytesA, bytesB] = [a.read(entryA), b.read(entryB)];
  if (bytesA.equals(bytesB)) return undefined;
  if (entryA.dtype !== 'F32')
    return { tensor, shape, problem: `its ${entryA.dtype} values differ`, count: 0, largest: null };
  return { tensor, shape, problem: null, ...compareValues(bytesA, bytesB, shape) };
}

function contradictionOf(a: TensorEntry, b: TensorEntry): string | null {
  if (a.shape.join() !== b.shape.join())
    return `its shape is [${a.shape.join(', ')}] in A and [${b.shape.join(', ')}] in B`;
  if (a.dtype !== b.dtype) return `its type is ${a.dtype} in A and ${b.dtype} in B`;
  return a.end - a.start === b.end - b.start ? null : 'it has another number of bytes';
}

function compareValues(
  a: Buffer,
  b: Buffer,
  shape: readonly number[],
): { count: number; largest: LargestDifference | null } {
  let count = 0;
  let largest: { place: number; values: [number, number]; size: number } | null = null;
  for (let offset = 0; offset + 4 <= a.length; offset += 4) {
    if (a.readUInt32LE(offset) === b.readUInt32LE(offset)) continue;
    count += 1;
    const values: [number, number] = [a.readFloatLE(offset), b.readFloatLE(offset)];
    const difference = Math.abs(values[0] - values[1]);
    const size = Number.isNaN(difference) ? Infinity : difference;
    if (largest === null || size > largest.size) largest = { place: offset / 4, values, size };
  }
  if (largest === null) return { count, largest };
  const { place, values } = largest;
  return {
    count,
    largest: {
      index: indexOf(place, shape),
      values,
      difference: Math.abs(values[0] - values[1]),
      ulps: float32Distance(...values),
    },
  };
}

/** The index of an entry in row-major order. */
function indexOf(place: number, shape: readonly number[]): number[] {
  let rest = place;
  return shape
    .toReversed()
    .map((extent) => {
      const index = rest % extent;
      rest = Math.floor(rest / extent);
      return index;
    })
    .reverse();
}
