/** A driver in tests: `node driver.cjs KIND OPTIONS TASKS` launches tasks until it is done or killed. */
const { createLocalLauncher, createRayLauncher } = require('../../dist');

const [kind, options, tasks] = process.argv.slice(2);
const create = { local: createLocalLauncher, ray: createRayLauncher }[kind];
void create(JSON.parse(options)).run(JSON.parse(tasks), {
  signal: new AbortController().signal,
  onStart: () => undefined,
  onEnd: () => undefined,
});
