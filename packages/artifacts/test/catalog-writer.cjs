/**
 * A process that writes to a catalog: `node catalog-writer.cjs ROOT WRITER COUNT`. It waits until it is told to begin, then
 * puts, moves aliases and records runs, and says what was promised to be on the disk, a line of JSON each.
 */
const { writeSync } = require('node:fs');
const { ArtifactManager, uuidV7 } = require('@pixelis/artifacts');

const [root, writer, count] = process.argv.slice(2);
const manager = ArtifactManager.open({ root, rank: 0 });

function say(promised) {
  writeSync(1, `${JSON.stringify(promised)}\n`);
}

/** A put under one's own name, one under a name that all share, with content that all share, and what belongs to it. */
async function write(index) {
  const run = { runId: `${writer}-${index}`, runUuid: uuidV7() };
  await manager.recordRun({ run, job: 'write', status: 'RUNNING' });
  say({ kind: 'run', ...run, status: 'RUNNING' });
  const own = await manager.put(`own-${writer}`, { a: Buffer.from(`${writer} ${index}`) }, { run });
  say({
    kind: 'put',
    name: own.name,
    version: own.version,
    digest: own.digest,
    isNew: own.isNew,
    ...run,
  });
  const used = await manager.use(`own-${writer}`, { run });
  say({ kind: 'used', name: used.name, version: used.version, ...run });
  const shared = await manager.put('shared', { a: Buffer.from(`shared ${index}`) }, { run });
  say({
    kind: 'put',
    name: shared.name,
    version: shared.version,
    digest: shared.digest,
    isNew: shared.isNew,
    ...run,
  });
  const alias = await manager.setAlias('shared', `by-${writer}`, shared.version);
  say({ kind: 'alias', alias: `by-${writer}`, version: alias.version });
  await manager.recordRun({ run, job: 'write', status: 'COMPLETED' });
  say({ kind: 'run', ...run, status: 'COMPLETED' });
}

async function main() {
  say({ kind: 'ready' });
  await new Promise((resolve) => process.stdin.once('data', resolve).once('end', resolve));
  for (let index = 0; index < Number(count); index++) await write(index);
}

main().then(
  () => process.exit(0),
  (error) => {
    say({ kind: 'failed', message: error.stack });
    process.exit(1);
  },
);
