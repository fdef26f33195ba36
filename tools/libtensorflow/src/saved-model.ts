import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Types of the wire format of protocol buffers that occur here. */
const VARINT = 0;
const BYTES = 2;
/** `DataType.DT_FLOAT` */
const FLOAT = 1;

type Field = readonly [number: number, value: number | string | Buffer];

/**
 * Writes the smallest SavedModel that computes something: `y = x + x` of floats of any shape, tag `serve`, signature
 * `serving_default`. The fields are those of TensorFlow's saved_model.proto, meta_graph.proto, graph.proto and node_def.proto.
 */
export function writeSavedModel(folder: string): void {
  const x = node('x', 'Placeholder', { dtype: typeAttribute() });
  const y = node('y', 'AddV2', { T: typeAttribute() }, ['x', 'x']);
  // VersionDef: the producer, without which old rules for graphs hold.
  const graph = message([1, x], [1, y], [4, message([1, 1395])]);
  const signature = message(
    [1, entry('x', tensorInfo('x:0'))],
    [2, entry('y', tensorInfo('y:0'))],
    [3, 'tensorflow/serving/predict'],
  );
  const metaGraph = message(
    [1, message([4, 'serve'], [5, '2.9.0'])],
    [2, graph],
    [5, entry('serving_default', signature)],
  );
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'saved_model.pb'), message([1, 1], [2, metaGraph]));
}

function node(
  name: string,
  operation: string,
  attributes: Readonly<Record<string, Buffer>>,
  inputs: readonly string[] = [],
): Buffer {
  return message(
    [1, name],
    [2, operation],
    ...inputs.map((input): Field => [3, input]),
    ...Object.entries(attributes).map(([key, value]): Field => [5, entry(key, value)]),
  );
}

/** An `AttrValue` that is a type. */
function typeAttribute(): Buffer {
  return message([6, FLOAT]);
}

/** A `TensorInfo` of unknown shape. */
function tensorInfo(name: string): Buffer {
  return message([1, name], [2, FLOAT], [3, message([3, 1])]);
}

/** An entry of a map. */
function entry(key: string, value: Buffer): Buffer {
  return message([1, key], [2, value]);
}

/** A message of protocol buffers: https://protobuf.dev/programming-guides/encoding/ */
function message(...fields: readonly Field[]): Buffer {
  return Buffer.concat(
    fields.flatMap(([number, value]) => {
      if (typeof value === 'number') return [varint((number << 3) | VARINT), varint(value)];
      const bytes = Buffer.from(value);
      return [varint((number << 3) | BYTES), varint(bytes.length), bytes];
    }),
  );
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  for (let rest = value; ; rest >>>= 7) {
    if (rest < 0x80) return Buffer.from([...bytes, rest]);
    bytes.push((rest & 0x7f) | 0x80);
  }
}
