// Syncs a folder to an MLflow server, until it is done or killed: node sync-process.cjs ROOT ADDRESS.
const { MlflowRemote, syncRuns } = require('../dist/index.js');

const [, , root, address] = process.argv;
void syncRuns({
  root,
  remotes: [new MlflowRemote(new URL(address), { http: { firstWaitMs: 5 } })],
});
