import { readAll } from '../objects/object-store';
import type { TransferEnd } from './transfer-end';

const LOG_KEY = /^log\/[0-9a-f-]{36}\.jsonl$/;

/** Which logs {@link transferLogs} takes. */
export interface TransferLogsOptions {
  /** Whether a log is wanted, by its text. @default all */
  isWanted?: (text: string) => boolean;
}

/**
 * Brings the logs of facts from one end to the other. A log only grows, and only by its own writer, so the longer of two is
 * the newer if it begins with the shorter; one that does not is left alone. Only whole lines are taken.
 */
export async function transferLogs(
  { from, to }: { from: TransferEnd; to: TransferEnd },
  { isWanted = () => true }: TransferLogsOptions = {},
): Promise<void> {
  const sizes = new Map<string, number>();
  for await (const { key, bytes } of to.documents.list(`${to.prefix}log/`)) {
    sizes.set(key.slice(to.prefix.length), bytes);
  }
  for await (const { key, bytes } of from.documents.list(`${from.prefix}log/`)) {
    const own = key.slice(from.prefix.length);
    if (!LOG_KEY.test(own) || bytes <= (sizes.get(own) ?? 0)) continue;
    const found = await read(from, own);
    const lines = found.subarray(0, found.lastIndexOf(0x0a) + 1);
    const present = sizes.has(own) ? await read(to, own) : Buffer.alloc(0);
    const isLonger = lines.byteLength > present.byteLength;
    if (!isLonger || !lines.subarray(0, present.byteLength).equals(present)) continue;
    if (isWanted(lines.toString('utf8'))) await to.documents.put(`${to.prefix}${own}`, lines);
  }
}

async function read(end: TransferEnd, key: string): Promise<Buffer> {
  const pieces = await end.documents.get(`${end.prefix}${key}`);
  if (pieces === null) return Buffer.alloc(0);
  return await readAll(pieces);
}
