/** A trial that does as it is told, in a folder of its own: counts its steps there, and goes on where it stopped. */
const { appendFileSync, existsSync, readFileSync, writeFileSync } = require('node:fs');

const [deed, folder, count] = process.argv.slice(2);
const steps = `${folder}/steps`;
let step = existsSync(steps) ? readFileSync(steps, 'utf8').length : 0;
appendFileSync(`${folder}/starts`, `${process.pid} ${step}\n`);

if (deed === 'fail') {
  console.error('no good');
  process.exit(4);
}
process.on('SIGTERM', () => {
  writeFileSync(`${folder}/stopped-at`, String(step));
  process.exit(143);
});
setInterval(() => {
  // Those that run together leave only once all are there.
  if (deed === 'meet' && !allAreThere()) return;
  appendFileSync(steps, '.');
  step += 1;
  if (deed !== 'go on for ever' && step >= Number(count)) process.exit(0);
}, 50);

function allAreThere() {
  return [1, 2, 3, 4].every((trial) => existsSync(`${folder}/../${trial}/starts`));
}
