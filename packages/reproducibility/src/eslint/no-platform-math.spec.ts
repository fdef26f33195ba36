import { RuleTester } from 'eslint';
import tseslint from 'typescript-eslint';
import { noPlatformMath } from './no-platform-math';

const tester = new RuleTester({ languageOptions: { parser: tseslint.parser } });

const IMPORT = "import { math } from '@pixelis/core';";

tester.run('no-platform-math', noPlatformMath, {
  valid: [
    'Math.sqrt(x) + Math.abs(x) + Math.floor(x) + Math.fround(x) + Math.max(x, y);',
    `${IMPORT} math.exp(x);`,
    'Math.PI;',
    'const limit = 2 ** -52;',
    'const limit = 2 ** 53 - 1;',
    'const million = 10 ** 6;',
    'const BITS = 32; const span = 2 ** BITS;',
    'const big = 2n ** bits;',
    'const big = BigInt(base) ** BigInt(exponent);',
    'mathematics.exp(x);',
  ],
  invalid: [
    { code: 'Math.exp(x);', errors: [{ messageId: 'math', data: { name: 'exp' } }] },
    { code: 'values.map(Math.log);', errors: [{ messageId: 'math', data: { name: 'log' } }] },
    { code: '(Math as any).tanh(x);', errors: [{ messageId: 'math', data: { name: 'tanh' } }] },
    { code: 'const { sin, sqrt } = Math;', errors: [{ messageId: 'math', data: { name: 'sin' } }] },
    { code: 'Math.hypot(x, y);', errors: [{ messageId: 'math', data: { name: 'hypot' } }] },
    {
      code: `${IMPORT} Math.exp(x);`,
      errors: [
        {
          messageId: 'math',
          suggestions: [
            { messageId: 'useCore', data: { name: 'exp' }, output: `${IMPORT} math.exp(x);` },
          ],
        },
      ],
    },
    { code: `${IMPORT} Math.hypot(x, y);`, errors: [{ messageId: 'math' }] },
    { code: "import { math } from 'other'; Math.exp(x);", errors: [{ messageId: 'math' }] },
    { code: 'x ** y;', errors: [{ messageId: 'power' }] },
    { code: 'x ** 0.5;', errors: [{ messageId: 'power' }] },
    { code: '10 ** -3;', errors: [{ messageId: 'power' }] },
    { code: '10 ** 300;', errors: [{ messageId: 'power' }] },
    { code: '1.5 ** 2;', errors: [{ messageId: 'power' }] },
    { code: 'f() ** 2;', errors: [{ messageId: 'power' }] },
    power('const y = x ** 2;', 'const y = x * x;'),
    power('const y = 1 / x ** 3;', 'const y = 1 / (x * x * x);'),
    power('x **= 2;', 'x = x * x;'),
  ],
});

// Helpers

function power(code: string, output: string) {
  return {
    code,
    errors: [{ messageId: 'power', suggestions: [{ messageId: 'multiply', output }] }],
  };
}
