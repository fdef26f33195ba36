import fc from 'fast-check';
import { savedModelType } from '../protocol/message-types';
import { encodeSavedModel, type TensorMessage } from '../protocol/saved-model';
import { tensorMessage } from './step-function-message';

const word = fc.constantFrom(0, 1, -1, 7, 0x3f800001, -2147483648);

describe('tensorMessage', () => {
  it('keeps every element of a constant through encoding, shortened or not', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.array(word, { maxLength: 9 }),
          fc.tuple(word, fc.nat(9)).map(([same, size]) => Array<number>(size).fill(same)),
        ),
        fc.constantFrom('int32', 'float32'),
        (words, dtype) => {
          const content = new Uint8Array(Int32Array.from(words).buffer);
          const tensor = tensorMessage({ kind: 'constant', dtype, shape: [words.length], content });
          const node = { name: 'c', op: 'Const', attr: { value: { tensor } } };
          const read = firstTensor(encodeSavedModel({ node: [node], library: { function: [] } }));
          expect(read.shape.dim).toEqual([words.length === 0 ? {} : { size: words.length }]);
          expect(elementsOf(read, { dtype, size: words.length })).toEqual(Buffer.from(content));
        },
      ),
    );
  });

  it('holds a large constant of equal elements as one', () => {
    const content = new Uint8Array(Float32Array.from({ length: 1000 }, () => 0.5).buffer);
    expect(
      tensorMessage({ kind: 'constant', dtype: 'float32', shape: [1000], content }).floatVal,
    ).toEqual([0.5]);
  });
});

/** A decoded file, as far as the test reads it. */
interface DecodedModel {
  readonly metaGraphs?: readonly {
    graph: { node: { attr: { value: { tensor: TensorMessage } } }[] };
  }[];
}

function firstTensor(file: Uint8Array): TensorMessage {
  const options = { longs: Number, arrays: true };
  const decoded: DecodedModel = savedModelType.toObject(savedModelType.decode(file), options);
  const [node] = decoded.metaGraphs?.[0]?.graph.node ?? [];
  if (node === undefined) throw new Error('the file has no node');
  return node.attr.value.tensor;
}

/** TensorFlow repeats the one value that a shortened tensor has. */
function elementsOf(
  { content, floatVal, intVal }: TensorMessage,
  { dtype, size }: { dtype: string; size: number },
): Buffer {
  const [float, int] = [floatVal?.[0], intVal?.[0]];
  if (float === undefined && int === undefined) return Buffer.from(content ?? []);
  const values =
    dtype === 'float32'
      ? new Float32Array(size).fill(float ?? 0)
      : new Int32Array(size).fill(int ?? 0);
  return Buffer.from(values.buffer);
}
