import { type MatrixRow, matrixRows, type Place, type Processor } from './matrix-rows';

/** A machine that a matrix is run on. */
export interface Machine {
  /** As `process.platform` says. */
  readonly platform: string;
  /** As `process.arch` says. */
  readonly processor: string;
  /** The Node.js that runs the matrix. */
  readonly node: string;
}

/** What a machine can run of the matrix. */
export interface Matrix {
  readonly rows: readonly MatrixRow[];
  /** What is not run; undefined for the whole matrix, which the document shows. */
  readonly lack: string | undefined;
}

/**
 * The matrix of a machine: the whole one on Linux on x86-64, all versions of Node.js on Linux on arm64, and elsewhere,
 * where npm carries none of them, the version at hand.
 *
 * @param versionsFor The versions that are pinned for a processor, the oldest first.
 */
export function matrixHere(
  { platform, processor, node }: Machine,
  versionsFor: (processor: Processor) => readonly string[],
): Matrix {
  const isKnown = processor === 'x64' || processor === 'arm64';
  const pinned = platform === 'linux' && isKnown ? versionsFor(processor) : [];
  const [oldest, ...newer] = pinned.map((version) => native(processor, version));
  if (oldest === undefined) {
    return {
      rows: matrixRows({ native: [native(processor, node)], emulated: [] }),
      lack: 'other versions of Node.js and an emulated processor, which need Linux',
    };
  }
  const emulated = processor === 'x64' ? versionsFor('arm64') : [];
  return {
    rows: matrixRows({
      native: [oldest, ...newer],
      emulated: emulated.map((version) => ({
        processor: 'arm64',
        isEmulated: true,
        node: version,
      })),
    }),
    lack: processor === 'x64' ? undefined : 'an emulated processor',
  };
}

function native(processor: string, node: string): Place {
  return { processor, isEmulated: false, node };
}
