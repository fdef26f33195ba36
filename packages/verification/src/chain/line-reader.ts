import type { ByteSource } from './byte-source';

const NEWLINE = 0x0a;
/** A line of a chain with a hundred tensors fits; longer ones take more reads. */
const WINDOW_BYTES = 4096;

/** A line with its newline. */
export interface SourceLine {
  readonly text: string;
  /** Where the next line begins. */
  readonly end: number;
}

/** Finds lines in a {@link ByteSource} from any place in it. */
export class LineReader {
  readonly #source: ByteSource;

  constructor(source: ByteSource) {
    this.#source = source;
  }

  get sizeBytes(): number {
    return this.#source.sizeBytes;
  }

  /** The line that begins at `offset`; undefined if there is none, or only one that was not written to its end. */
  lineAt(offset: number): SourceLine | undefined {
    const end = this.#endOfLine(offset);
    if (end === undefined) return undefined;
    const { bytes, next } = end;
    return { text: new TextDecoder().decode(bytes), end: next };
  }

  /** The first place at or after `offset` at which a line begins; the end if none does. */
  startAtOrAfter(offset: number): number {
    return offset === 0 ? 0 : (this.#endOfLine(offset - 1)?.next ?? this.sizeBytes);
  }

  /** The line that ends right before `offset`, at which a line begins; undefined at the beginning. */
  lineBefore(offset: number): SourceLine | undefined {
    for (let length = WINDOW_BYTES; offset > 0; length *= 2) {
      const start = Math.max(0, offset - length);
      const bytes = this.#source.read(start, offset - start);
      const newline = bytes.lastIndexOf(NEWLINE, bytes.length - 2);
      if (newline < 0 && start > 0) continue;
      return { text: new TextDecoder().decode(bytes.subarray(newline + 1)), end: offset };
    }
    return undefined;
  }

  #endOfLine(offset: number): { bytes: Uint8Array; next: number } | undefined {
    for (let length = WINDOW_BYTES; offset < this.sizeBytes; length *= 2) {
      const bytes = this.#source.read(offset, length);
      const newline = bytes.indexOf(NEWLINE);
      if (newline >= 0)
        return { bytes: bytes.subarray(0, newline + 1), next: offset + newline + 1 };
      if (bytes.length < length) return undefined;
    }
    return undefined;
  }
}
