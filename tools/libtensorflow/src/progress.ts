import { formatBytes } from './disk-space';

/** Shows on stderr what is being done. */
export interface Progress {
  /** A line of its own. */
  say(line: string): void;
  /** How far something is that takes long; on a terminal the last line is redrawn, elsewhere nothing is shown. */
  advance(what: string, done: number, total: number): void;
}

const BAR_CELLS = 24;
const REDRAW_MS = 100;

/** A stream of text, such as `process.stderr`. */
export interface TextStream {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

/** Progress on a stream: a bar where it is a terminal, whole lines everywhere. */
export function createProgress(stream: TextStream, now = () => performance.now()): Progress {
  let isDrawn = false;
  let drawnAtMs = -Infinity;
  const clear = () => {
    if (isDrawn) stream.write('\r\u001b[K');
    isDrawn = false;
  };
  return {
    say(line) {
      clear();
      stream.write(`${line}\n`);
    },
    advance(what, done, total) {
      if (stream.isTTY !== true) return;
      if (now() - drawnAtMs < REDRAW_MS && done < total) return;
      drawnAtMs = now();
      isDrawn = true;
      stream.write(
        `\r${bar(done, total)} ${what} ${formatBytes(done)} of ${formatBytes(total)}\u001b[K`,
      );
    },
  };
}

/** `█████░░░`: the part that is done. */
export function bar(done: number, total: number): string {
  const part = total > 0 ? Math.min(1, Math.max(0, done / total)) : 0;
  const full = Math.floor(part * BAR_CELLS);
  return '█'.repeat(full) + '░'.repeat(BAR_CELLS - full);
}
