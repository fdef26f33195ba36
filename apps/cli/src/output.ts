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
  /** Shows on a terminal how far it is, in a line that the next one replaces; an empty one takes it away. */
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
    progress: (message) => {
      if (stderr.isTTY === true) stderr.write(`\r\u001b[K${message}`);
    },
  };
}
