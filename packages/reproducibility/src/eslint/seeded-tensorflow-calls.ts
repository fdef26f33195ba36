import type { SourceCode } from 'eslint';
import { constantExpression } from './qualified-name';
import { type DeterminismRule, keyOf, type NodeOf, type SyntaxNode, unwrapped } from './syntax';
import {
  argumentAt,
  isZero,
  propertyOfArgument,
  type SeedArgument,
  tensorflowName,
} from './tensorflow-calls';

/** Where each operation takes its seed. */
const OPERATIONS: ReadonlyMap<string, number> = new Map([
  ['dropout', 3],
  ['multinomial', 2],
  ['randomGamma', 4],
  ['randomNormal', 4],
  ['randomStandardNormal', 2],
  ['randomUniform', 4],
  ['randomUniformInt', 3],
  ['truncatedNormal', 4],
]);

/** Calls that take an object with a seed. */
const WITH_SEED_PROPERTY: ReadonlySet<string> = new Set([
  ...[
    'glorotNormal', 'glorotUniform', 'heNormal', 'heUniform', 'leCunNormal', 'leCunUniform',
    'orthogonal', 'randomNormal', 'randomUniform', 'truncatedNormal', 'varianceScaling',
  ].map((name) => `initializers.${name}`), // prettier-ignore
  'layers.dropout',
  'layers.randomWidth',
  'layers.spatialDropout1d',
]);

/** Calls that draw at random and take no seed. */
const UNSEEDABLE: ReadonlySet<string> = new Set([
  'layers.alphaDropout',
  'layers.gaussianDropout',
  'layers.gaussianNoise',
  'util.randUniform',
  'util.shuffle',
  'util.shuffleCombo',
]);

const RECURRENT = ['kernelInitializer', 'recurrentInitializer'];

/** Initial values that layers draw at random unless they are told otherwise. */
const INITIALIZERS: ReadonlyMap<string, readonly string[]> = new Map([
  ['layers.conv1d', ['kernelInitializer']],
  ['layers.conv2d', ['kernelInitializer']],
  ['layers.conv2dTranspose', ['kernelInitializer']],
  ['layers.conv3d', ['kernelInitializer']],
  ['layers.conv3dTranspose', ['kernelInitializer']],
  ['layers.convLstm2d', RECURRENT],
  ['layers.convLstm2dCell', RECURRENT],
  ['layers.dense', ['kernelInitializer']],
  ['layers.depthwiseConv2d', ['depthwiseInitializer']],
  ['layers.embedding', ['embeddingsInitializer']],
  ['layers.gru', RECURRENT],
  ['layers.gruCell', RECURRENT],
  ['layers.lstm', RECURRENT],
  ['layers.lstmCell', RECURRENT],
  ['layers.separableConv2d', ['depthwiseInitializer']],
  ['layers.simpleRNN', RECURRENT],
  ['layers.simpleRNNCell', RECURRENT],
]);

/** Initial values whose names stand for something that is not random. */
const FIXED: ReadonlySet<unknown> = new Set(['identity', 'ones', 'zeros']);

/** Reports calls of TensorFlow.js that draw at random without a seed, or with seed 0. */
export const seededTensorflowCalls: DeterminismRule = {
  meta: {
    type: 'problem',
    docs: {
      description: 'Require a seed, and not 0, for what TensorFlow.js draws at random',
      recommended: true,
    },
    schema: [],
    messages: {
      missing:
        'tf.{{name}} without a seed draws by Math.random: pass one that is not 0, such as 1 + generator.integer(0, 2 ** 31)',
      zero: 'tf.{{name}} takes the seed 0 for none: pass another one',
      unseedable:
        'tf.{{name}} draws by Math.random and takes no seed: use a Generator of @pixelis/reproducibility and plain operations',
      initializer:
        'tf.{{name}} draws its weights by Math.random: give it a seeded {{key}}, such as tf.initializers.glorotNormal({ seed })',
      shuffle:
        'Dataset.shuffle without a seed, or with 0, is seeded by the clock: pass one as second argument',
      fit: 'fit shuffles the examples by Math.random: pass shuffle: false, and shuffle them by a Generator of @pixelis/reproducibility',
    },
  },
  create(context) {
    const code = context.sourceCode;
    function report(node: SyntaxNode, messageId: string, data: Record<string, string> = {}): void {
      context.report({ node, messageId, data });
    }
    function checkSeed(call: NodeOf<'CallExpression'>, name: string, seed: SeedArgument): void {
      if (seed.kind === 'missing') report(call, 'missing', { name });
      if (seed.kind === 'given' && isZero(seed.node, code)) report(seed.node, 'zero', { name });
    }
    function checkInitializers(call: NodeOf<'CallExpression'>, name: string): void {
      for (const key of INITIALIZERS.get(name) ?? []) {
        const given = propertyOfArgument(call, { key, code });
        const isDefault = given.kind === 'missing' && !hasWeights(call, code);
        const isNamed = given.kind === 'given' && isRandomName(given.node, code);
        if (isDefault || isNamed) report(call, 'initializer', { name, key });
      }
    }
    return {
      CallExpression(call) {
        const name = tensorflowName(call.callee, code);
        if (name === undefined) {
          if (isUnseededShuffle(call, code)) report(call, 'shuffle');
          if (isShufflingFit(call, code)) report(call, 'fit');
          return;
        }
        const index = OPERATIONS.get(name);
        if (index !== undefined) checkSeed(call, name, argumentAt(call, index));
        if (WITH_SEED_PROPERTY.has(name)) {
          checkSeed(call, name, propertyOfArgument(call, { key: 'seed', code }));
        }
        if (UNSEEDABLE.has(name)) report(call, 'unseedable', { name });
        checkInitializers(call, name);
      },
    };
  },
};

function hasWeights(call: NodeOf<'CallExpression'>, code: SourceCode): boolean {
  return propertyOfArgument(call, { key: 'weights', code }).kind !== 'missing';
}

function isRandomName(node: SyntaxNode, code: SourceCode): boolean {
  const value = constantExpression(node, code);
  return value.type === 'Literal' && typeof value.value === 'string' && !FIXED.has(value.value);
}

/** `tf.data.….shuffle(size)`, also through constants. */
function isUnseededShuffle(call: NodeOf<'CallExpression'>, code: SourceCode): boolean {
  const { callee } = call;
  if (callee.type !== 'MemberExpression' || keyOf(callee) !== 'shuffle') return false;
  if (!(originOf(callee.object, code)?.startsWith('data.') ?? false)) return false;
  const seed = argumentAt(call, 1);
  return seed.kind === 'missing' || (seed.kind === 'given' && isZero(seed.node, code));
}

/** `model.fit(x, y, …)` of a model of TensorFlow.js, unless it says `shuffle: false`. */
function isShufflingFit(call: NodeOf<'CallExpression'>, code: SourceCode): boolean {
  const { callee } = call;
  if (callee.type !== 'MemberExpression' || keyOf(callee) !== 'fit') return false;
  const origin = originOf(callee.object, code);
  if (origin === undefined || !/^(?:sequential|model|loadLayersModel)$/.test(origin)) return false;
  const options = argumentAt(call, 2);
  if (options.kind !== 'given') return options.kind === 'missing';
  const object = constantExpression(options.node, code);
  if (object.type !== 'ObjectExpression') return false;
  if (object.properties.some(({ type }) => type === 'SpreadElement')) return false;
  const shuffle = object.properties.find(
    (property) => property.type === 'Property' && keyOf(property) === 'shuffle',
  );
  if (shuffle?.type !== 'Property') return true;
  const value = constantExpression(shuffle.value, code);
  return value.type === 'Literal' && value.value !== false;
}

/** Name of the function of TensorFlow.js whose result a chain of calls begins with. */
function originOf(node: SyntaxNode, code: SourceCode): string | undefined {
  const expression = constantExpression(node, code);
  if (expression.type === 'AwaitExpression') return originOf(expression.argument, code);
  if (expression.type !== 'CallExpression') return undefined;
  const name = tensorflowName(expression.callee, code);
  const callee = unwrapped(expression.callee);
  if (name !== undefined) return name;
  return callee.type === 'MemberExpression' ? originOf(callee.object, code) : undefined;
}
