import { RuleTester } from 'eslint';
import { noUnseededRandomness } from './no-unseeded-randomness';

const tester = new RuleTester();

tester.run('no-unseeded-randomness', noUnseededRandomness, {
  valid: [
    'const value = generator.uniform();',
    'const value = Math.sqrt(2);',
    'function draw(Math) { return Math.random(); }',
    'const Math = mine; Math.random();',
    'const { random } = generator; random();',
    'let source = Math; source = other; source.random();',
    'Math.random = seeded;',
    'const { [key]: value } = Math;',
    'const a = b, b = a; a.random();',
    "import { createHash } from 'node:crypto'; createHash('sha256');",
    "import { randomBytes } from './crypto'; randomBytes(4);",
  ],
  invalid: [
    one('Math.random();', 'Math.random'),
    one('array.sort(Math.random);', 'Math.random'),
    one("Math['random']();", 'Math.random'),
    one('globalThis.Math.random();', 'Math.random'),
    one('const draw = Math.random; draw(); draw();', 'Math.random'),
    one('const { random } = Math; random();', 'Math.random'),
    one('const { random: draw = other } = Math;', 'Math.random'),
    one('const { Math: { random } } = globalThis;', 'Math.random'),
    one('const mathematics = Math; const source = mathematics; source.random();', 'Math.random'),
    one('let random; ({ random } = Math);', 'Math.random'),
    one('crypto.randomUUID();', 'crypto.randomUUID'),
    one('globalThis.crypto?.getRandomValues(array);', 'crypto.getRandomValues'),
    one("import { randomBytes } from 'crypto'; randomBytes(4);", 'node:crypto.randomBytes'),
    one("import { randomUUID as id } from 'node:crypto'; id();", 'node:crypto.randomUUID'),
    one("import * as c from 'node:crypto'; c.randomInt(4);", 'node:crypto.randomInt'),
    one("import c from 'node:crypto'; c.webcrypto.getRandomValues(a);", 'crypto.getRandomValues'),
    one("const { randomBytes } = require('crypto');", 'node:crypto.randomBytes'),
    one("const { randomBytes } = await import('node:crypto');", 'node:crypto.randomBytes'),
  ],
});

// Helpers

function one(code: string, name: string) {
  return { code, errors: [{ messageId: 'unseeded', data: { name } }] };
}
