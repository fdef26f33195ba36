import { constants } from 'node:os';

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

/** Terminal and task runner may both pass one Ctrl-C on; what comes within this time is taken for the same wish. */
const SAME_WISH_MS = 1000;

/** A wish to stop: the first signal asks, a later one ends the process at once. */
export interface StopSignal {
  readonly abort: AbortSignal;
  /** The signal that came, once it has. */
  received(): (typeof SIGNALS)[number] | undefined;
  /** Leaves signals to the system again. */
  dispose(): void;
}

/** Turns SIGINT and SIGTERM into an abort signal, so that work stops at a place from which it can go on. */
export function listenForStop(onStop: (signal: string) => void): StopSignal {
  const controller = new AbortController();
  let received: (typeof SIGNALS)[number] | undefined;
  let receivedAt = 0;
  const listener = (signal: NodeJS.Signals): void => {
    if (received !== undefined) {
      if (performance.now() - receivedAt < SAME_WISH_MS) return;
      process.exit(128 + constants.signals[signal]);
    }
    receivedAt = performance.now();
    received = SIGNALS.find((known) => known === signal);
    onStop(signal);
    controller.abort();
  };
  for (const signal of SIGNALS) process.on(signal, listener);
  return {
    abort: controller.signal,
    received: () => received,
    dispose: () => {
      for (const signal of SIGNALS) process.off(signal, listener);
    },
  };
}
