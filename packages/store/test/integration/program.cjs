// A process that works on a store, for tests that kill it, starve it or run many of it.
const { appendFileSync, readdirSync, readFileSync, writeSync } = require('node:fs');
const { join } = require('node:path');
const { ContentStore } = require('@pixelis/store');
const { contentOf } = require('./contents.cjs');

const [task, folder, ...args] = process.argv.slice(2);

/** Tells the parent at once, even if this process dies right after. */
function say(value) {
  writeSync(1, `${JSON.stringify(value)}\n`);
}

const tasks = {
  /** Puts contents for ever and names each one that is committed. */
  async put(chunking, first) {
    const store = ContentStore.open(folder, { chunking });
    say('ready');
    for (let index = Number(first); ; index++) say(await store.put(contentOf(index)));
  },

  /** Collects for ever what is not live, however young it is. */
  async collect(...live) {
    const store = ContentStore.open(folder);
    say('ready');
    for (;;) await store.collect({ live, gracePeriodMs: 0, isApplied: true });
  },

  /** Puts contents in the order given and records each one as live in a log of its own. */
  async record(log, ...indices) {
    const store = ContentStore.open(folder);
    for (const index of indices) {
      const { sha256 } = await store.put(contentOf(Number(index)));
      appendFileSync(log, `${sha256}\n`);
    }
  },

  /** Collects what no log names until the parent closes its end; a minute is longer than any put here takes. */
  async sweep(logs) {
    const store = ContentStore.open(folder);
    let isDone = false;
    process.stdin.on('end', () => (isDone = true)).resume();
    let taken = 0;
    while (!isDone) {
      const live = readdirSync(logs).flatMap((name) =>
        readFileSync(join(logs, name), 'utf8')
          .split('\n')
          .filter((line) => line.length === 64),
      );
      taken += (await store.collect({ live, gracePeriodMs: 60_000, isApplied: true })).taken.length;
    }
    say({ taken });
  },

  /** Stores and reads a stream of some mebibytes and says how much memory that took. */
  async stream(chunking, mebibytes) {
    const store = ContentStore.open(folder, { chunking });
    async function* pieces() {
      const piece = Buffer.alloc(1 << 20, 'pixelis');
      for (let count = 0; count < Number(mebibytes); count++) {
        piece.writeUInt32LE(count >> 3);
        yield piece;
      }
    }
    const { sha256, bytes } = await store.put(pieces());
    await store.getFile(sha256, join(folder, 'out'));
    await store.putFile(join(folder, 'out'));
    const { isIntact } = await store.verify();
    say({ bytes, isIntact, rssBytes: process.resourceUsage().maxRSS * 1024 });
  },

  /** Puts contents and says what became of each. */
  async try(options, ...indices) {
    const store = ContentStore.open(folder, JSON.parse(options));
    for (const index of indices) {
      const outcome = store.put(contentOf(Number(index)));
      say(
        await outcome.then(
          () => 'done',
          ({ name, code, remedy }) => ({ name, code, remedy }),
        ),
      );
    }
  },
};

tasks[task](...args).then(
  () => process.exit(0),
  (error) => {
    console.error(error);
    process.exit(1);
  },
);
