import { canonicalJson, type JsonValue } from '@pixelis/core';
import { formatTable, type Column } from './table';

/** Where a command prints its result: text for people, or one JSON value. */
export interface Output {
  readonly isJson: boolean;
  /** Prints a result: as JSON what `json` gives, else the text. */
  print(result: { json: JsonValue; text: string }): void;
  /** Prints rows: as JSON an array of objects, else a table that fits the terminal, or `empty` if there are none. */
  printRows<Row>(rows: readonly Row[], options: RowOptions<Row>): void;
  /** Says something beside the result, on stderr. */
  note(message: string): void;
}

/** How {@link Output.printRows} shows rows. */
export interface RowOptions<Row> {
  readonly columns: readonly Column<Row>[];
  readonly json: (row: Row) => JsonValue;
  readonly empty: string;
}

/** The streams that an {@link Output} writes to. */
export interface OutputStreams {
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
}

export function createOutput(isJson: boolean, { stdout, stderr }: OutputStreams = process): Output {
  const print: Output['print'] = ({ json, text }) => {
    stdout.write(isJson ? `${canonicalJson(json)}\n` : text === '' ? '' : `${text}\n`);
  };
  return {
    isJson,
    print,
    printRows: (rows, { columns, json, empty }) => {
      const widthMax = stdout.isTTY ? stdout.columns : Infinity;
      print({
        json: rows.map(json),
        text: rows.length === 0 ? empty : formatTable(rows, { columns, widthMax }),
      });
    },
    note: (message) => void stderr.write(`${message}\n`),
  };
}
