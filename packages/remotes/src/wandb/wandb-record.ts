import type { JsonValue } from '@pixelis/core';
import { z } from 'zod';
import {
  decodeFields,
  elementField,
  intField,
  message,
  type ProtoField,
  stringField,
} from './protobuf';

/** Values by their keys; a key with slashes is one key. */
export type WandbItems = Readonly<Record<string, JsonValue>>;

/** A record of a transaction log (`wandb_internal.Record`), as far as a run needs it. Times in milliseconds since 1970. */
export type WandbRecord =
  | { type: 'header'; producer: string; minConsumer: string }
  | {
      type: 'run';
      runId: string;
      project: string;
      displayName: string;
      tags: readonly string[];
      startedAt: number;
      git: { remote: string; commit: string } | null;
    }
  | { type: 'config'; items: WandbItems }
  | { type: 'history'; step: number; items: WandbItems }
  | { type: 'stats'; time: number; items: WandbItems }
  | { type: 'summary'; items: WandbItems }
  | { type: 'exit'; exitCode: number; runtimeS: number }
  | { type: 'final' }
  | { type: 'footer' };

/** A record of a type that is not read here, such as `telemetry`, by its field's number. */
export interface UnknownWandbRecord {
  type: 'other';
  field: number;
}

/** Numbers of the fields of `wandb_internal.Record`. */
const FIELD = {
  history: 2,
  summary: 3,
  config: 5,
  stats: 7,
  run: 17,
  exit: 18,
  final: 20,
  header: 21,
  footer: 22,
} as const;

/** `value_json` of every kind of item. */
const VALUE_JSON = 16;

/** The protobuf message of a record; `num` counts the records of a file from 1. */
export function encodeRecord(num: number, record: WandbRecord): Buffer {
  return message(intField(1, num), elementField(FIELD[record.type], bodyOf(record)));
}

function bodyOf(record: WandbRecord): Uint8Array {
  switch (record.type) {
    case 'header': {
      const version = message(stringField(1, record.producer), stringField(2, record.minConsumer));
      return message(elementField(1, version));
    }
    case 'run':
      return message(
        stringField(1, record.runId),
        stringField(3, record.project),
        stringField(8, record.displayName),
        ...record.tags.map((tag) => elementField(10, tag)),
        elementField(17, timestamp(record.startedAt)),
        record.git === null
          ? []
          : elementField(
              21,
              message(stringField(1, record.git.remote), stringField(2, record.git.commit)),
            ),
      );
    case 'config':
      return items(record.items, 1);
    case 'history':
      return message([items(record.items, 2)], elementField(2, message(intField(1, record.step))));
    case 'stats':
      return message(elementField(2, timestamp(record.time)), [items(record.items, 1, 3)]);
    case 'summary':
      return items(record.items, 2);
    case 'exit':
      return message(intField(1, record.exitCode), intField(2, record.runtimeS));
    case 'final':
    case 'footer':
      return message();
  }
}

/** `keyField` 1 is a plain key; 2 a path of keys, which W&B itself writes in histories, here always of one. */
function items(values: WandbItems, keyField: 1 | 2, itemField = 1): Buffer {
  return message(
    ...Object.entries(values).map(([key, value]) => {
      const item = message(
        elementField(keyField, key),
        stringField(VALUE_JSON, JSON.stringify(value)),
      );
      return elementField(itemField, item);
    }),
  );
}

function timestamp(timeMs: number): Buffer {
  const seconds = Math.floor(timeMs / 1000);
  return message(intField(1, seconds), intField(2, Math.round((timeMs - seconds * 1000) * 1e6)));
}

/**
 * Reads the message of a record.
 *
 * @throws {RangeError} If the bytes are no such message.
 */
export function decodeRecord(bytes: Uint8Array): WandbRecord | UnknownWandbRecord {
  const body = decodeFields(bytes).find(
    ({ number }) => number > 1 && number !== 16 && number < 100,
  );
  if (body?.kind !== 'bytes') return { type: 'other', field: body?.number ?? 0 };
  const fields = decodeFields(body.value);
  switch (body.number) {
    case FIELD.header: {
      const version = decodeFields(bytesAt(fields, 1));
      return { type: 'header', producer: textAt(version, 1), minConsumer: textAt(version, 2) };
    }
    case FIELD.run:
      return decodeRun(fields);
    case FIELD.config:
      return { type: 'config', items: itemsAt(fields, 1) };
    case FIELD.history:
      return {
        type: 'history',
        step: intAt(decodeFields(bytesAt(fields, 2)), 1),
        items: itemsAt(fields, 1),
      };
    case FIELD.stats:
      return { type: 'stats', time: timeAt(fields, 2), items: itemsAt(fields, 3) };
    case FIELD.summary:
      return { type: 'summary', items: itemsAt(fields, 1) };
    case FIELD.exit:
      return { type: 'exit', exitCode: intAt(fields, 1), runtimeS: intAt(fields, 2) };
    case FIELD.final:
      return { type: 'final' };
    case FIELD.footer:
      return { type: 'footer' };
    default:
      return { type: 'other', field: body.number };
  }
}

function decodeRun(fields: readonly ProtoField[]): WandbRecord {
  const git = decodeFields(bytesAt(fields, 21));
  return {
    type: 'run',
    runId: textAt(fields, 1),
    project: textAt(fields, 3),
    displayName: textAt(fields, 8),
    tags: allAt(fields, 10).map(textOf),
    startedAt: timeAt(fields, 17),
    git: git.length === 0 ? null : { remote: textAt(git, 1), commit: textAt(git, 2) },
  };
}

function itemsAt(fields: readonly ProtoField[], number: number): WandbItems {
  const entries = allAt(fields, number).map((bytes): [string, JsonValue] => {
    const item = decodeFields(bytes);
    const path = allAt(item, 2).map(textOf);
    return [path.length === 0 ? textAt(item, 1) : path.join('.'), jsonOf(textAt(item, VALUE_JSON))];
  });
  return Object.fromEntries(entries);
}

/** Python writes NaN and infinities, which JSON does not know, as words: they stay texts. */
function jsonOf(text: string): JsonValue {
  try {
    return z.json().parse(JSON.parse(text));
  } catch {
    return text;
  }
}

function allAt(fields: readonly ProtoField[], number: number): Uint8Array[] {
  return fields.flatMap((field) => {
    return field.number === number && field.kind === 'bytes' ? [field.value] : [];
  });
}

function bytesAt(fields: readonly ProtoField[], number: number): Uint8Array {
  return allAt(fields, number).at(-1) ?? new Uint8Array();
}

function textAt(fields: readonly ProtoField[], number: number): string {
  return textOf(bytesAt(fields, number));
}

function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('utf8');
}

function intAt(fields: readonly ProtoField[], number: number): number {
  const field = fields.findLast((item) => item.number === number);
  return field?.kind === 'varint' ? Number(BigInt.asIntN(64, field.value)) : 0;
}

function timeAt(fields: readonly ProtoField[], number: number): number {
  const parts = decodeFields(bytesAt(fields, number));
  return intAt(parts, 1) * 1000 + intAt(parts, 2) / 1e6;
}
