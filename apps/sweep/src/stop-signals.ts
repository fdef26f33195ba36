const SIGNALS = { SIGINT: 130, SIGTERM: 143 } as const;

/** Terminal and task runner may both pass one Ctrl-C on; what comes within this time is taken for the same wish. */
const SAME_WISH_MS = 1000;

/** What {@link listenForStop} does. */
export interface StopListener {
  /** Aborted with the name of the first signal. */
  readonly signal: AbortSignal;
  /** Leaves signals to do again what they do by themselves. */
  release(): void;
}

/** Listens for SIGINT and SIGTERM. The first asks to stop, another ends the process at once. */
export function listenForStop(): StopListener {
  const controller = new AbortController();
  let stoppedMs = 0;
  const listen = (name: keyof typeof SIGNALS) => (): void => {
    const now = performance.now();
    if (!controller.signal.aborted) {
      stoppedMs = now;
      controller.abort(name);
    } else if (now - stoppedMs >= SAME_WISH_MS) process.exit(SIGNALS[name]);
  };
  const listeners = { SIGINT: listen('SIGINT'), SIGTERM: listen('SIGTERM') };
  process.on('SIGINT', listeners.SIGINT);
  process.on('SIGTERM', listeners.SIGTERM);
  return {
    signal: controller.signal,
    release() {
      process.off('SIGINT', listeners.SIGINT);
      process.off('SIGTERM', listeners.SIGTERM);
    },
  };
}
