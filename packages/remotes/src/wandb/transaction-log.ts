import { frameRecords, readRecordLog, type RecordLogProblem } from './record-log';
import {
  decodeRecord,
  encodeRecord,
  type UnknownWandbRecord,
  type WandbRecord,
} from './wandb-record';

/** What a `.wandb` file holds. */
export interface TransactionLog {
  readonly records: readonly (WandbRecord | UnknownWandbRecord)[];
  /** Parts that could not be read; empty for an intact file. */
  readonly problems: readonly RecordLogProblem[];
}

/** The bytes of a `.wandb` file, piece by piece; equal records give equal bytes. */
export function* writeTransactionLog(records: Iterable<WandbRecord>): Generator<Uint8Array> {
  let num = 0;
  const encode = function* (): Generator<Uint8Array> {
    for (const record of records) yield encodeRecord((num += 1), record);
  };
  yield* frameRecords(encode());
}

/**
 * Reads a `.wandb` file, written here or by W&B, and passes over what is damaged.
 *
 * @throws {RangeError} If the bytes are no such file.
 */
export function readTransactionLog(bytes: Uint8Array): TransactionLog {
  const { payloads, problems } = readRecordLog(bytes);
  const unreadable: RecordLogProblem[] = [];
  const records = payloads.flatMap((payload) => {
    try {
      return [decodeRecord(payload)];
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      unreadable.push({ offset: 0, reason: error.message });
      return [];
    }
  });
  return { records, problems: [...problems, ...unreadable] };
}

/**
 * A whole `.wandb` file of the intact records of a damaged one, which `wandb sync` then takes: W&B's own reader stops at the
 * first fault.
 *
 * @throws {RangeError} If the bytes are no such file.
 */
export function recoverTransactionLog(bytes: Uint8Array): Buffer {
  return Buffer.concat([...frameRecords(readRecordLog(bytes).payloads)]);
}
