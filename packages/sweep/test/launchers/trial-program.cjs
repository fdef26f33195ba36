/** The program of a trial in tests: `node trial-program.cjs FOLDER MODE [WORD]…`. It says in the file `starts` that it runs. */
const { appendFileSync, existsSync } = require('node:fs');
const { join } = require('node:path');

const [folder, mode, ...words] = process.argv.slice(2);
const signals = [];
let onSignal = (code) => process.exit(code);
for (const [signal, code] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
]) {
  process.on(signal, () => {
    signals.push(signal);
    process.stdout.write(`${signal}\n`);
    onSignal(code);
  });
}

function afterGo(action) {
  const timer = setInterval(() => {
    if (!existsSync(join(folder, 'go'))) return;
    clearInterval(timer);
    action();
  }, 20);
}

const MODES = {
  /** Ends with a code. */
  exit: (code) => process.exit(Number(code)),
  /** Ends when the file `go` is there, or by a signal. */
  wait: () => afterGo(() => process.exit(0)),
  /** Stops only when the file `go` is there. */
  linger: () => {
    onSignal = (code) => afterGo(() => process.exit(code));
    setInterval(() => undefined, 1000);
  },
  /** Ends with the second signal. */
  twice: () => {
    onSignal = (code) => signals.length > 1 && process.exit(code);
    setInterval(() => undefined, 1000);
  },
  die: () => process.kill(process.pid, 'SIGKILL'),
};

process.stdout.write(`${mode} ${words.join(' ')}\n`);
process.stderr.write(
  `variable ${process.env.PIXELIS_TRIAL_LOCK} options ${process.execArgv.length}\n`,
);
appendFileSync(join(folder, 'starts'), `${process.pid}\n`);
MODES[mode](...words);
