import { canonicalJson, type JsonValue } from '@pixelis/core';
import { type Column, formatTable } from './table';

/** Where a command prints its result: text for people, or one JSON value. */
export interface Output {
  readonly isJson: boolean;
  /** Prints a result: as JSON what `json` gives, else the text. */
  print(result: { json: JsonValue; text: string }): void;
  /** Prints rows: as JSON an array of objects, else a table that fits the terminal, or `empty` if there are none. */
  printRows<Row>(rows: readonly Row[], options: RowOptions<Row>): void;
  /** Says something beside the result, on stderr. */
  note(message: string): void;
  /**
   * Says on stderr how far it is: on a terminal in a line that the next one replaces and an empty one takes away,
   * elsewhere in a line every {@link LINE_EVERY_MS}, so that a log shows that it goes on.
   */
  progress(message: string): void;
}

/** How {@link Output.printRows} shows rows. */
export interface RowOptions<Row> {
  readonly columns: readonly Column<Row>[];
  readonly json: (row: Row) => JsonValue;
  readonly empty: string;
}

/** The part of a stream of Node.js that is written to. */
export interface OutputStream {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  /** Width of the terminal in characters. */
  readonly columns?: number;
}

/** The streams that an {@link Output} writes to. */
export interface OutputStreams {
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;
}

/** Width that lines must fit: that of the terminal; what is piped or written to a file is not cut. */
export function widthOf({ isTTY, columns = Infinity }: OutputStream): number {
  return isTTY === true ? columns : Infinity;
}

const LINE_EVERY_MS = 30_000;
const TERMINAL_WIDTH = 80;

export function createOutput(isJson: boolean, { stdout, stderr }: OutputStreams): Output {
  const print: Output['print'] = ({ json, text }) => {
    stdout.write(isJson ? `${canonicalJson(json)}\n` : text === '' ? '' : `${text}\n`);
  };
  return {
    isJson,
    print,
    printRows: (rows, { columns, json, empty }) => {
      print({
        json: rows.map(json),
        text: rows.length === 0 ? empty : formatTable(rows, { columns, widthMax: widthOf(stdout) }),
      });
    },
    note: (message) => void stderr.write(`${message}\n`),
    progress: createProgress(stderr),
  };
}

function createProgress(stderr: OutputStream): Output['progress'] {
  // Of a line that is broken in two the next one replaces the second half alone.
  const { isTTY = false, columns = 0 } = stderr;
  const lengthMax = (columns > 0 ? columns : TERMINAL_WIDTH) - 1;
  if (isTTY) return (message) => void stderr.write(`\r\u001b[K${message.slice(0, lengthMax)}`);
  let saidAt = Date.now();
  return (message) => {
    if (message === '' || Date.now() - saidAt < LINE_EVERY_MS) return;
    saidAt = Date.now();
    stderr.write(`${message}\n`);
  };
}
