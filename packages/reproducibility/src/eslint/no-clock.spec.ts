import { RuleTester } from 'eslint';
import { noClock } from './no-clock';

const tester = new RuleTester();

tester.run('no-clock', noClock, {
  valid: [
    'new Date(0);',
    'new Date(timestamp).getTime();',
    "Date.parse('2020-01-01');",
    'class Date {} new Date();',
    'clock.now();',
    'process.memoryUsage();',
    { code: 'performance.now();', options: [{ allow: ['performance.now'] }] },
    {
      code: "import { performance as p } from 'node:perf_hooks'; p.now();",
      options: [{ allow: ['performance.now'] }],
    },
  ],
  invalid: [
    one('Date.now();', 'Date.now'),
    one('const { now } = Date;', 'Date.now'),
    one('new Date();', 'new Date()'),
    one('new globalThis.Date();', 'new Date()'),
    one('const text = Date();', 'Date()'),
    one('performance.now();', 'performance.now'),
    one("import { performance } from 'perf_hooks'; performance.now();", 'performance.now'),
    one('process.hrtime.bigint();', 'process.hrtime'),
    one("import { hrtime } from 'node:process'; hrtime();", 'process.hrtime'),
    one('process.uptime();', 'process.uptime'),
    {
      code: 'performance.now(); Date.now();',
      options: [{ allow: ['performance.now'] }],
      errors: [{ messageId: 'clock', data: { name: 'Date.now' } }],
    },
  ],
});

// Helpers

function one(code: string, name: string) {
  return { code, errors: [{ messageId: 'clock', data: { name } }] };
}
