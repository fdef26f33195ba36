/** How many files are worked on at a time: enough to keep a disk busy, few enough for any limit on open files. */
const WORKERS = 8;

/**
 * What `task` makes of every item, in the order of the items, a few at a time.
 *
 * @throws What the first task that fails throws; those under way are waited for, no further one begins.
 */
export async function inParallel<Item, Result>(
  items: readonly Item[],
  task: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results = new Map<number, Result>();
  const pending = items.entries();
  const failures: unknown[] = [];
  async function work(): Promise<void> {
    for (const [index, item] of pending) {
      try {
        results.set(index, await task(item));
      } catch (error) {
        failures.push(error);
      }
      if (failures.length > 0) return;
    }
  }
  await Promise.all(Array.from({ length: WORKERS }, work));
  if (failures.length > 0) throw failures[0];
  return [...results].sort(([a], [b]) => a - b).map(([, result]) => result);
}
