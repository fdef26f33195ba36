/** Processors that npm carries Node.js for on Linux, as `process.arch` names them. */
export type Processor = 'x64' | 'arm64';

/** One program that trains. */
export interface Place {
  /** `process.arch` of the program. */
  readonly processor: string;
  /** Whether qemu stands between the program and the processor. */
  readonly isEmulated: boolean;
  /** Version of Node.js, such as `20.20.2`. */
  readonly node: string;
}

/** One training of the matrix. */
export interface MatrixRow {
  readonly place: Place;
  readonly threads: number;
  /** Option of V8; none is set where it is missing. */
  readonly flag?: string;
  /** Where the training goes on after it was killed; it runs through where this is missing. */
  readonly resumedAt?: Place;
}

/** What the matrix is made of. */
export interface MatrixOptions {
  /** Where Node.js runs by itself, a place for each version, the oldest first. */
  readonly native: readonly [Place, ...Place[]];
  /** Where it is emulated. */
  readonly emulated: readonly Place[];
}

/** Each is known to V8 on x86-64 in every Node.js from 20 on; Node.js refuses to start with one that is not. */
const X64_FLAGS = ['--no-enable-avx', '--no-enable-avx2', '--no-enable-fma3'];

const ANY_PROCESSOR_FLAGS = ['--liftoff-only'];

/** More than there are processors here, and numbers that do not divide the shards. */
const THREADS = [2, 3, 8];

/**
 * The trainings that must give one result. The first, on the oldest Node.js with one thread, is what the others are
 * compared with.
 */
export function matrixRows({ native, emulated }: MatrixOptions): MatrixRow[] {
  const [oldest] = native;
  const newest = native[native.length - 1] ?? oldest;
  const flags = [...(oldest.processor === 'x64' ? X64_FLAGS : []), ...ANY_PROCESSOR_FLAGS];
  return [
    ...native.map((place) => ({ place, threads: 1 })),
    ...THREADS.flatMap((threads) => native.map((place) => ({ place, threads }))),
    ...native.map((place) => ({ place, threads: 1, resumedAt: place })),
    { place: oldest, threads: 1, resumedAt: newest },
    { place: newest, threads: 3, resumedAt: newest },
    ...flags.flatMap((flag) => native.map((place) => ({ place, threads: 1, flag }))),
    ...emulated.map((place) => ({ place, threads: 1 })),
    ...emulated.slice(-1).flatMap((place) => [
      { place, threads: 2 },
      { place: newest, threads: 1, resumedAt: place },
    ]),
  ];
}

/** What the row's training is, such as `killed, resumed on arm64, Node.js 24.21.0`. */
export function courseOf({ place, resumedAt }: MatrixRow): string {
  if (resumedAt === undefined) return 'whole';
  const isElsewhere = resumedAt.processor !== place.processor || resumedAt.node !== place.node;
  return isElsewhere
    ? `killed, resumed on ${processorOf(resumedAt)}, Node.js ${resumedAt.node}`
    : 'killed, resumed';
}

/** The processor as the documents call it. */
export function processorOf({ processor, isEmulated }: Place): string {
  const name = processor === 'x64' ? 'x86-64' : processor;
  return isEmulated ? `${name} (qemu)` : name;
}
