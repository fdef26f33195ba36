import { constants } from 'node:os';

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

/** A signal that asks a process to end. */
export type StopSignal = (typeof SIGNALS)[number];

/** Terminal and task runner may both pass one Ctrl-C on; what comes within this time is taken for the same wish. */
const SAME_WISH_MS = 1000;

/** What is to be closed before the process ends. */
export interface Stoppable {
  /** Tells of the signal. */
  stop(signal: StopSignal): void;
  /** Whether it closes itself, now that it knows of the signal; otherwise it is closed here. */
  closesItself(): boolean;
  close(): Promise<void>;
}

const open = new Set<Stoppable>();
let received: { signal: StopSignal; atMs: number } | undefined;
let isEndDue = false;

/**
 * Closes something when SIGINT or SIGTERM comes, until the function that is returned is called. The process ends with 130
 * or 143 as soon as all is closed, unless all of it closes itself: then it is left to the program to end. A second signal
 * ends the process at once.
 */
export function closeOnSignal(stoppable: Stoppable): () => void {
  if (open.size === 0) for (const signal of SIGNALS) process.on(signal, listen);
  open.add(stoppable);
  if (received !== undefined) stop(stoppable, received.signal);
  return () => release(stoppable);
}

function listen(signal: NodeJS.Signals): void {
  const known = SIGNALS.find((one) => one === signal);
  if (known === undefined) return;
  if (received !== undefined) {
    if (performance.now() - received.atMs < SAME_WISH_MS) return;
    process.exit(exitCodeOf(known));
  }
  received = { signal: known, atMs: performance.now() };
  process.exitCode = exitCodeOf(known);
  for (const stoppable of [...open]) stop(stoppable, known);
}

function stop(stoppable: Stoppable, signal: StopSignal): void {
  stoppable.stop(signal);
  if (stoppable.closesItself()) return;
  isEndDue = true;
  void stoppable.close().finally(() => release(stoppable));
}

function release(stoppable: Stoppable): void {
  if (!open.delete(stoppable) || open.size > 0) return;
  for (const signal of SIGNALS) process.off(signal, listen);
  const signal = received?.signal;
  received = undefined;
  if (isEndDue && signal !== undefined) process.exit(exitCodeOf(signal));
}

function exitCodeOf(signal: StopSignal): number {
  return 128 + constants.signals[signal];
}
