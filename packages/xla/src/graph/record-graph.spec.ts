import * as tf from '@tensorflow/tfjs';
import { FakeTensorflow } from '../../test/fake-tensorflow';
import { recordGraph, UnrecordableError, type StepFunction } from './record-graph';

beforeAll(async () => {
  jest.spyOn(console, 'warn').mockImplementation();
  await tf.setBackend('cpu');
});

type Body = (backend: FakeTensorflow, a: tf.Tensor, x: tf.Tensor) => tf.Tensor;

function record(body: Body, backend = new FakeTensorflow()): ReturnType<typeof recordGraph> {
  const step: StepFunction = ({ a = tf.scalar(0) }, { x = tf.scalar(0) }) => ({
    state: {},
    outputs: { y: body(backend, a, x) },
  });
  const [state, inputs] = [{ a: tf.tensor1d([1, 2]) }, { x: tf.tensor1d([0, 1], 'int32') }];
  return recordGraph(step, { state, inputs, backend });
}

function reasonOf(body: Body): { op: string; message: string } {
  try {
    record(body);
  } catch (error) {
    if (error instanceof UnrecordableError) return error.reason;
    throw error;
  }
  throw new Error('it was recorded');
}

describe('recordGraph', () => {
  it('holds state, constants and operations, and leaves out what no result needs', () => {
    const graph = record((backend, a) => {
      backend.executeSingleOutput('Neg', [], [a]);
      return backend.executeSingleOutput('Mul', [], [a, tf.scalar(3)]);
    });
    expect(graph.nodes.map((node) => (node.kind === 'op' ? node.op : node.kind))).toEqual([
      'state',
      'constant',
      'Mul',
    ]);
    expect(graph.outputs).toEqual({ y: { node: 2, output: 0 } });
    expect(graph.updates).toEqual({});
  });

  it('holds a tensor that was made before the step by its values', () => {
    const mask = tf.tensor1d([4, 5]);
    const { nodes } = record((backend, a) => backend.executeSingleOutput('Add', [], [a, mask]));
    const content = nodes.flatMap((node) => (node.kind === 'constant' ? [node.content] : []));
    expect(content).toEqual([new Uint8Array(Float32Array.of(4, 5).buffer)]);
  });

  it('takes a clone for the tensor whose data it shares', () => {
    const graph = record((backend, a) => backend.executeSingleOutput('Add', [], [a, a.clone()]));
    expect(graph.nodes).toHaveLength(2);
  });

  it('records a gather, whose kernel reads its indices to check them', () => {
    const { nodes } = record((backend, a, x) =>
      backend.executeSingleOutput('GatherV2', [], [a, x]),
    );
    expect(nodes.map(({ kind }) => kind)).toEqual(['state', 'input', 'op']);
  });

  it('refuses a step that reads a result, with the operation that made it', () => {
    const reason = reasonOf((backend, a) =>
      tf.scalar(backend.executeSingleOutput('Neg', [], [a]).dataSync()[0] ?? 0),
    );
    expect(reason.op).toBe('Neg');
    expect(reason.message).toContain('reads the values');
  });

  it('refuses a step that reads its state, with the name', () => {
    expect(reasonOf((_, a) => tf.scalar(a.dataSync()[0] ?? 0)).op).toBe('a');
  });

  it('lets a step read what is constant', () => {
    expect(record((_, a) => a.clone().mul(tf.scalar(2).dataSync()[0] ?? 0)).nodes).toHaveLength(1);
  });

  it('refuses a kernel that computes with values that it read', () => {
    const reason = reasonOf((backend, a) => {
      backend.readSync(a.dataId);
      return backend.executeSingleOutput('Neg', [], [a]);
    });
    expect(reason.op).toBe('Neg');
    expect(reason.message).toContain('a kernel before it reads');
  });

  it('refuses a kernel that reads after the last operation', () => {
    const reason = reasonOf((backend, a) => {
      backend.readSync(a.dataId);
      return tf.scalar(1);
    });
    expect(reason.op).toBe('the end of the step');
  });

  it('refuses an operation that graphs do not hold', () => {
    expect(reasonOf((backend, a) => backend.executeSingleOutput('Where', [], [a])).op).toBe(
      'Where',
    );
  });

  it('refuses complex numbers', () => {
    const complex = tf.complex([1], [2]);
    expect(reasonOf((backend, a) => backend.executeSingleOutput('Add', [], [a, complex])).op).toBe(
      'Const',
    );
  });

  it('leaves the backend and the engine as they were, also after a mistake of the step', () => {
    const backend = new FakeTensorflow();
    const before = [Object.keys(backend), Object.keys(tf.engine())];
    const tensors = tf.memory().numTensors;
    const broken = (): never => {
      tf.scalar(1);
      throw new RangeError('a mistake of the step');
    };
    expect(() => record(broken, backend)).toThrow('a mistake of the step');
    expect([Object.keys(backend), Object.keys(tf.engine())]).toEqual(before);
    expect(Object.hasOwn(backend, 'executeSingleOutput')).toBe(false);
    // The state and the input of `record` itself.
    expect(tf.memory().numTensors).toBe(tensors + 2);
  });

  it.each([
    ['an entry that the state does not have', () => ({ b: tf.scalar(1) })],
    ['another shape', () => ({ a: tf.scalar(1) })],
    ['another type', () => ({ a: tf.tensor1d([1, 2], 'int32') })],
  ])('refuses a next state with %s', (_, next) => {
    const state = { a: tf.tensor1d([1, 2]) };
    const step: StepFunction = () => ({ state: next(), outputs: {} });
    expect(() => recordGraph(step, { state, inputs: {}, backend: new FakeTensorflow() })).toThrow(
      TypeError,
    );
  });
});
