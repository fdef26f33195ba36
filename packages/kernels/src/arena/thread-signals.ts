/** Looks at a counter before a thread goes to sleep: waking costs more than most waits last. */
const LOOKS = 500;

/** Waits until `counters[index]` is `wanted`; other threads raise it by {@link advance}. */
export function waitFor(counters: Int32Array, index: number, wanted: number): void {
  for (let look = 0; look < LOOKS; look++) {
    if (Atomics.load(counters, index) === wanted) return;
  }
  for (;;) {
    const found = Atomics.load(counters, index);
    if (found === wanted) return;
    Atomics.wait(counters, index, found);
  }
}

/** Sets `counters[index]` and wakes who waits for it. */
export function advance(counters: Int32Array, index: number, value: number): void {
  Atomics.store(counters, index, value);
  Atomics.notify(counters, index);
}

/**
 * Waits until `threads` threads have come here. What each wrote before, all see afterwards.
 *
 * @param counters Two: threads that wait, and times that the barrier opened.
 */
export function meet(counters: Int32Array, threads: number): void {
  const opened = Atomics.load(counters, 1);
  if (Atomics.add(counters, 0, 1) + 1 === threads) {
    Atomics.store(counters, 0, 0);
    advance(counters, 1, (opened + 1) | 0);
  } else {
    waitFor(counters, 1, (opened + 1) | 0);
  }
}
