/** Launches the tasks that are given as JSON, in a process of its own that can be killed. */
const { createSlurmLauncher } = require('../../dist/index.js');

const { directory, tasks } = JSON.parse(process.argv[2]);
void createSlurmLauncher({ directory, timing: { tickMs: 100, queueMs: 200 } }).run(tasks, {
  signal: new AbortController().signal,
  onStart: (trial) => console.log(`start ${trial}`),
  onEnd: (trial) => console.log(`end ${trial}`),
});
