import { constants } from 'node:os';

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

/** A wish to stop: the first signal asks, a second one ends the process at once. */
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
  const listener = (signal: NodeJS.Signals): void => {
    if (received !== undefined) process.exit(128 + constants.signals[signal]);
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
