// What a rank does in the tests: `node rank-program.cjs DEED`.
const { createHash } = require('node:crypto');
const { setTimeout: delay } = require('node:timers/promises');
const {
  addInRankOrder,
  heedLauncher,
  openWorld,
  receiveMessage,
  sendMessage,
} = require('../../dist');

const SHARDS = 12;
const ENTRIES = 200_003;

/** Numbers that need all bits of float32, the same for a shard wherever it is made. */
function gradientOf(shard) {
  let state = shard + 1;
  return Float32Array.from({ length: ENTRIES }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    return state / 2 ** 31;
  });
}

const DEEDS = {
  async sum(world) {
    const first = Math.floor((SHARDS * world.rank) / world.size);
    const end = Math.floor((SHARDS * (world.rank + 1)) / world.size);
    const addends = Array.from({ length: end - first }, (_, index) => gradientOf(first + index));
    const total = new Float32Array(ENTRIES);
    await addInRankOrder(world, { addends, total });
    await tell(world, createHash('sha256').update(new Uint8Array(total.buffer)).digest('hex'));
  },
  async numbers(world) {
    await world.barrier();
    const { rank, size, localRank, isRoot } = world;
    await tell(world, JSON.stringify({ rank, size, localRank, isRoot }));
  },
  async 'end with 5'() {
    return 5;
  },
  async 'lose one'(world) {
    if (world.rank === 1) process.kill(process.pid, 'SIGKILL');
    await world.receive(new Uint8Array(1), 1);
  },
  async 'leave one'(world) {
    if (world.rank === 1) process.exit(3);
    await world.receive(new Uint8Array(1), 1);
  },
  async 'wait for a signal'(world) {
    if (!world.isRoot) return void (await world.receive(new Uint8Array(1), 0));
    const signal = await new Promise((resolve) => {
      process.once('SIGINT', resolve);
      process.once('SIGTERM', resolve);
      process.stdout.write(`ready ${process.pid}\n`);
      setInterval(() => {}, 1000).unref();
      delay(60_000).then(
        () => resolve('nothing'),
        () => resolve('nothing'),
      );
    });
    process.stdout.write(`got ${signal}\n`);
    for (let rank = 1; rank < world.size; rank++) await world.send(new Uint8Array(1), rank);
    await world.close();
    process.exit(signal === 'SIGINT' ? 130 : 143);
  },
  async misuse(world) {
    const refusal = (promise) =>
      promise.then(
        () => 'done',
        (error) => error.message,
      );
    const said = await refusal(world.send(new Uint8Array(1), 99));
    if (world.isRoot) process.stdout.write(`${said}\n`);
  },
};

/** Rank 0 prints what all ranks have to say. */
async function tell(world, text) {
  if (!world.isRoot) return sendMessage(world, Buffer.from(text), 0);
  const texts = [text];
  for (let rank = 1; rank < world.size; rank++)
    texts.push(Buffer.from(await receiveMessage(world, rank)).toString());
  process.stdout.write(`${texts.join('\n')}\n`);
}

async function main() {
  const world = openWorld();
  heedLauncher(world.rank);
  const code = await DEEDS[process.argv[2]](world);
  await world.close();
  await world.close();
  if (world.isRoot) process.exitCode = code ?? 0;
}

main().catch((error) => {
  process.stderr.write(`${error.code ?? ''} ${error.message}\n`);
  process.exit(error.exitCode ?? 1);
});
