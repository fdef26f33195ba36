import { RuleTester } from 'eslint';
import { noRepeatedDropoutSeed } from './no-repeated-dropout-seed';

const tester = new RuleTester();

tester.run('no-repeated-dropout-seed', noRepeatedDropoutSeed, {
  valid: [
    'tf.dropout(x, 0.5, null, 7);',
    'tf.dropout(x, 0.5, null, 7); tf.dropout(y, 0.5, null, 8);',
    'tf.tidy(() => tf.dropout(x, 0.5, null, 7));',
    'function drop(x, seed) { return tf.dropout(x, 0.5, null, seed); }',
    'for (const x of xs) { const seed = generator.uint32(); tf.dropout(x, 0.5, null, seed); }',
    'for (const x of xs) tf.dropout(x, 0.5, null, generator.uint32());',
    'let seed = 1; for (const x of xs) { seed += 1; tf.dropout(x, 0.5, null, seed); }',
    'tf.dropout(x, 0.5); tf.dropout(y, 0.5);',
    'tf.layers.dropout({ rate: 0.5 });',
    'function drop(x) { return mine.dropout(x, 0.5, null, 7); }',
  ].map(imported),
  invalid: [
    one('tf.dropout(x, 0.5, null, 7); tf.dropout(y, 0.5, null, 7);', 'repeated'),
    one('const seed = 7; tf.dropout(x, 0.5, null, seed); tf.dropout(y, 0.5, null, 7);', 'repeated'),
    one(
      'const seed = draw(); tf.dropout(x, 0.5, null, seed); tf.dropout(y, 0.5, null, seed);',
      'repeated',
    ),
    one(
      'function f(x, y, seed) { return [tf.dropout(x, 0.5, null, seed), tf.dropout(y, 0.5, null, seed)]; }',
      'repeated',
    ),
    one('for (const x of xs) tf.dropout(x, 0.5, null, 7);', 'constant'),
    one('function drop(x) { return tf.dropout(x, 0.5, null, 7); }', 'constant'),
    one('const drop = (x) => tf.dropout(x, 0.5, null, 7);', 'constant'),
    one('const seed = draw(); for (const x of xs) tf.dropout(x, 0.5, null, seed);', 'constant'),
    one('for (const x of xs) { const seed = 7; tf.dropout(x, 0.5, null, seed); }', 'constant'),
    one('function f(xs, seed) { for (const x of xs) tf.dropout(x, 0.5, null, seed); }', 'constant'),
    one('tf.layers.dropout({ rate: 0.5, seed: 7 });', 'layer'),
    one('tf.layers.spatialDropout1d({ rate: 0.5, seed });', 'layer'),
  ],
});

// Helpers

function imported(code: string): string {
  return `import * as tf from '@tensorflow/tfjs'; ${code}`;
}

function one(code: string, messageId: string) {
  return { code: imported(code), errors: [{ messageId }] };
}
