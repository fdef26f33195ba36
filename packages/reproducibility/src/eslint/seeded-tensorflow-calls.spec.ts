import { RuleTester } from 'eslint';
import { seededTensorflowCalls } from './seeded-tensorflow-calls';

const tester = new RuleTester();

tester.run('seeded-tensorflow-calls', seededTensorflowCalls, {
  valid: [
    "tf.randomNormal([2], 0, 1, 'float32', 7);",
    "tf.randomNormal([2], 0, 1, 'float32', generator.integer(1, 9));",
    'tf.randomNormal(...words);',
    'tf.dropout(x, 0.5, undefined, seed);',
    'tf.multinomial(logits, 3, 7);',
    'tf.zeros([2]);',
    "tf.hasOwnProperty('zeros');",
    'tf.initializers.zeros();',
    'tf.initializers.glorotNormal({ seed: 3 });',
    'tf.initializers.glorotNormal(options);',
    'tf.initializers.glorotNormal({ ...options });',
    'tf.layers.dense({ units: 1, kernelInitializer: tf.initializers.heNormal({ seed: 3 }) });',
    "tf.layers.dense({ units: 1, kernelInitializer: 'zeros' });",
    'tf.layers.dense({ units: 1, weights: [kernel, bias] });',
    'tf.layers.flatten();',
    'tf.data.array(examples).shuffle(100, 7);',
    'deck.shuffle(52);',
    'const model = tf.sequential(); await model.fit(x, y, { epochs: 1, shuffle: false });',
    'const model = tf.sequential(); await model.fit(x, y, options);',
    'const model = tf.sequential(); await model.fit(x, y, { ...options });',
    'await regression.fit(x, y);',
  ]
    .map(imported)
    .concat('tf.randomNormal([2]);', "import * as tf from './mine'; tf.randomNormal([2]);"),
  invalid: [
    one('tf.randomNormal([2]);', 'missing', { name: 'randomNormal' }),
    one("tf.randomNormal([2], 0, 1, 'float32', undefined);", 'missing', { name: 'randomNormal' }),
    one("tf.randomNormal([2], 0, 1, 'float32', 0);", 'zero', { name: 'randomNormal' }),
    one('const seed = 0; tf.dropout(x, 0.5, null, seed);', 'zero', { name: 'dropout' }),
    one('tf.dropout(x, 0.5);', 'missing', { name: 'dropout' }),
    one('tf.randomUniform([2], 0, 1);', 'missing', { name: 'randomUniform' }),
    one('tf.randomUniformInt([2], 0, 9);', 'missing', { name: 'randomUniformInt' }),
    one('tf.randomStandardNormal([2]);', 'missing', { name: 'randomStandardNormal' }),
    one('tf.randomGamma([2], 1);', 'missing', { name: 'randomGamma' }),
    one('tf.truncatedNormal([2]);', 'missing', { name: 'truncatedNormal' }),
    one('tf.multinomial(logits, 3);', 'missing', { name: 'multinomial' }),
    one('const { multinomial } = tf; multinomial(logits, 3);', 'missing', { name: 'multinomial' }),
    one('tf.initializers.orthogonal({});', 'missing', { name: 'initializers.orthogonal' }),
    one('tf.initializers.heNormal();', 'missing', { name: 'initializers.heNormal' }),
    one('tf.initializers.heNormal({ seed: 0 });', 'zero', { name: 'initializers.heNormal' }),
    one('tf.layers.dropout({ rate: 0.5 });', 'missing', { name: 'layers.dropout' }),
    one('tf.layers.gaussianNoise({ stddev: 1 });', 'unseedable', { name: 'layers.gaussianNoise' }),
    one('tf.util.shuffle(order);', 'unseedable', { name: 'util.shuffle' }),
    one('tf.layers.dense({ units: 1 });', 'initializer', {
      name: 'layers.dense',
      key: 'kernelInitializer',
    }),
    one("tf.layers.embedding({ embeddingsInitializer: 'heNormal' });", 'initializer', {
      name: 'layers.embedding',
      key: 'embeddingsInitializer',
    }),
    {
      code: imported('tf.layers.lstm({ units: 1 });'),
      errors: [{ messageId: 'initializer' }, { messageId: 'initializer' }],
    },
    one('tf.data.array(examples).map(f).shuffle(100);', 'shuffle'),
    one('const set = tf.data.csv(url); set.shuffle(100, 0);', 'shuffle'),
    one('const model = tf.sequential(); await model.fit(x, y);', 'fit'),
    one('const model = tf.sequential(); await model.fit(x, y, { epochs: 1 });', 'fit'),
    one('const model = await tf.loadLayersModel(url); model.fit(x, y, { shuffle: true });', 'fit'),
    {
      code: "import { randomNormal } from '@tensorflow/tfjs-core'; randomNormal([2]);",
      errors: [{ messageId: 'missing', data: { name: 'randomNormal' } }],
    },
    {
      code: "const tf = require('@tensorflow/tfjs-node'); tf.randomNormal([2]);",
      errors: [{ messageId: 'missing', data: { name: 'randomNormal' } }],
    },
  ],
});

// Helpers

function imported(code: string): string {
  return `import * as tf from '@tensorflow/tfjs'; ${code}`;
}

function one(code: string, messageId: string, data: Record<string, string> = {}) {
  return { code: imported(code), errors: [{ messageId, data }] };
}
