// `node launch-program.cjs COUNT DEED`: rank-program.cjs under mpirun, as `train` starts itself.
const { join } = require('node:path');
const { launchUnderMpi } = require('../../dist');

const [count, deed] = process.argv.slice(2);
launchUnderMpi({ count: Number(count), argv: [join(__dirname, 'rank-program.cjs'), deed] }).then(
  (code) => process.exit(code),
  (error) => {
    process.stderr.write(`${error.code}: ${error.message}\n`);
    process.exit(error.exitCode ?? 1);
  },
);
