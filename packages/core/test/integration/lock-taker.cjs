// Tries to take the lock named by its argument, says whether it did, and keeps it until it is told to go.
const { acquireFileLock } = require('@pixelis/core');

const [path] = process.argv.slice(2);
let lock;
process.on('message', (message) => {
  if (message === 'take') {
    lock = acquireFileLock(path, { heartbeatMs: 50 });
    process.send(lock === undefined ? 'refused' : 'taken');
  } else if (message === 'release') {
    lock.release();
    process.send('released');
  } else process.exit(0);
});
process.send('ready');
