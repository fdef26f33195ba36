// A program that ends as its argument says, in the frame of every program.
const { writeFileSync } = require('node:fs');
const { DataError, Interruption, runProgram, UsageError } = require('@pixelis/core');

const [ending, flag] = process.argv.slice(2);

const endings = {
  done: () => undefined,
  number: () => 5,
  usage: () => {
    throw new UsageError('seed is -1\n  and odd\u001b[31m', {
      code: 'SEED',
      remedy: 'give\r\none from 0',
    });
  },
  several: () => {
    const remedy = 'see --help';
    const issues = ['seed is -1', 'no key "x"'].map(
      (text) => new UsageError(text, { code: 'C', remedy }),
    );
    throw new AggregateError(issues, 'wrong configuration');
  },
  nested: () => {
    throw new DataError('file a is damaged', {
      code: 'D',
      remedy: 'fetch it again',
      cause: new Error('below'),
    });
  },
  signal: () => {
    throw new Interruption('SIGTERM', { kept: 'run a stands at step 3', remedy: 'use --run-id a' });
  },
  defect: () => undefined.field,
  text: () => {
    throw 'a text';
  },
  unwritable: () => writeFileSync('none/such/file', ''),
  full: () => {
    throw Object.assign(new Error('ENOSPC'), {
      errno: -28,
      code: 'ENOSPC',
      syscall: 'write',
      path: 'out/x',
    });
  },
  stray: () =>
    new Promise(() => {
      setTimeout(() => {
        throw new Error('nobody awaits this');
      }, 1);
    }),
  strays: () =>
    new Promise(() => {
      for (const text of ['first', 'second']) {
        setImmediate(() => {
          throw new Error(text);
        });
      }
    }),
  unfinished: () => new Promise(() => undefined),
  hanging: () => {
    setInterval(() => undefined, 1000);
    throw new UsageError('wrong', { code: 'W', remedy: 'mend it' });
  },
  chatty: async () => {
    for (let i = 0; i < 200; i += 1) {
      process.stdout.write(`${'x'.repeat(10_000)}\n`);
      await new Promise((resolve) => setImmediate(resolve));
    }
  },
};

runProgram(async () => endings[ending](), { json: () => flag === '--json' });
