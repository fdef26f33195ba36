import { explainSystemError, PixelisError, redactSecrets, RemoteError } from '@pixelis/core';

/** Why something was not synced, for a table or a report; without secrets. */
export interface SyncProblem {
  /** Of the error, such as `REMOTE_REFUSED`; `DEFECT` for one of the program itself. */
  readonly code: string;
  readonly message: string;
  readonly remedy: string;
}

/** How one item came out. */
export type Settled<Value> =
  | { readonly value: Value; readonly problem: null }
  | { readonly value: null; readonly problem: SyncProblem };

/** How {@link settleEach} works. */
export interface SettleEachOptions<Item, Value> {
  work: (item: Item) => Promise<Value>;
  /** Asked after a failure for want of an answer: throws if the remote is gone altogether. */
  connect: () => Promise<void>;
  /** Told of each item as it is done. */
  onSettled: (item: Item, settled: Settled<Value>) => void;
}

/**
 * Works on items one after the other; one that fails never stops the others. Only a remote that is gone does: then the rest
 * fails for the same reason without being tried.
 *
 * @returns The error of a remote that is gone; null otherwise.
 */
export async function settleEach<Item, Value>(
  items: Iterable<Item>,
  { work, connect, onSettled }: SettleEachOptions<Item, Value>,
): Promise<RemoteError | null> {
  let gone: RemoteError | null = null;
  for (const item of items) {
    if (gone !== null) {
      onSettled(item, { value: null, problem: describeProblem(gone) });
      continue;
    }
    try {
      onSettled(item, { value: await work(item), problem: null });
    } catch (error) {
      gone = await lossOf(error, connect);
      onSettled(item, { value: null, problem: describeProblem(error) });
    }
  }
  return gone;
}

/** What an error says to the user. */
export function describeProblem(error: unknown): SyncProblem {
  const known = error instanceof PixelisError ? error : explainSystemError(error);
  if (known !== undefined) {
    const { code, message, remedy } = known;
    return { code, message: redactSecrets(message), remedy };
  }
  return {
    code: 'DEFECT',
    message: redactSecrets(error instanceof Error ? error.message : String(error)),
    remedy: 'This is a defect of the program: report it with the name of the run.',
  };
}

async function lossOf(error: unknown, connect: () => Promise<void>): Promise<RemoteError | null> {
  if (!(error instanceof RemoteError) || error.code !== 'REMOTE_UNREACHABLE') return null;
  try {
    await connect();
    return null;
  } catch (loss) {
    return loss instanceof RemoteError ? loss : error;
  }
}

/** Does `work` on every item, at most `width` at a time. The first failure is thrown when what has begun has ended. */
export async function inParallel<Item>(
  items: readonly Item[],
  width: number,
  work: (item: Item) => Promise<void>,
): Promise<void> {
  const waiting = items.values();
  const failures: unknown[] = [];
  const worker = async (): Promise<void> => {
    for (const item of waiting) {
      try {
        await work(item);
      } catch (error) {
        failures.push(error);
      }
      if (failures.length > 0) return;
    }
  };
  await Promise.all(Array.from({ length: Math.min(width, items.length) }, worker));
  if (failures.length > 0) throw failures[0];
}
