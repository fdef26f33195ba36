import type { TensorInfo } from '@tensorflow/tfjs-core';
import { LayerInputs } from '../layers/layer-inputs';
import type { ComputeProgram } from './compute-program';
import type { Dispatcher } from './dispatcher';
import type { WebgpuKernelSet } from './webgpu-kernel';

const COLUMNS = 32;
const LANES_OF_COLUMN = 8;
/** Rows that one workgroup adds up where it is the only one of its columns. */
const ROWS_AT_ONCE = 256;
/** Workgroups that share the rows where there are more. */
const MAXIMUM_CHUNKS = 128;

/** What {@link columnSums} adds up. */
export interface ColumnTerms {
  readonly program: ComputeProgram;
  readonly inputs: readonly TensorInfo[];
  readonly rows: number;
  readonly columns: number;
}

/**
 * A program that adds up terms over the rows of matrices, in chunks of rows.
 *
 * @param terms For each output the WGSL of the term at `row` and `index`, the place of the entry in the matrix.
 */
export function columnSumsProgram(
  name: string,
  { inputs, terms }: { inputs: ComputeProgram['inputs']; terms: Readonly<Record<string, string>> },
): ComputeProgram {
  const outputs = Object.keys(terms);
  const each = (line: (output: string, term: string) => string): string =>
    Object.entries(terms)
      .map(([output, term]) => line(output, term))
      .join('\n');
  return {
    name,
    inputs,
    outputs,
    uniforms: { rows: 'u32', columns: 'u32', tiles: 'u32', chunkRows: 'u32' },
    workgroupSize: COLUMNS * LANES_OF_COLUMN,
    declarations: each((output) => `var<workgroup> ${output}Parts: array<f32, SIZE>;`),
    body: `
  let column = group % u.tiles * ${COLUMNS}u + lane % ${COLUMNS}u;
  let chunk = group / u.tiles;
  let part = lane / ${COLUMNS}u;
  let end = min((chunk + 1u) * u.chunkRows, u.rows);
  ${each((output) => `var ${output}Sum = 0.0;`)}
  if (column < u.columns) {
    for (var row = chunk * u.chunkRows + part; row < end; row += ${LANES_OF_COLUMN}u) {
      let index = row * u.columns + column;
      ${each((output, term) => `${output}Sum += ${term};`)}
    }
  }
  ${each((output) => `${output}Parts[lane] = ${output}Sum;`)}
  workgroupBarrier();
  if (part > 0u || column >= u.columns) { return; }
  for (var other = lane + ${COLUMNS}u; other < SIZE; other += ${COLUMNS}u) {
    ${each((output) => `${output}Sum += ${output}Parts[other];`)}
  }
  ${each((output) => `${output}[chunk * u.columns + column] = ${output}Sum;`)}`,
  };
}

const PLAIN_SUMS = [
  columnSumsProgram('sums of columns', {
    inputs: { x: 'f32' },
    terms: { sums: 'x[index]' },
  }),
  columnSumsProgram('sums of columns of two matrices', {
    inputs: { x: 'f32', y: 'f32' },
    terms: { sums: 'x[index]', otherSums: 'y[index]' },
  }),
] as const;

/** The sums of a program's terms over all rows, a vector for each output: of chunks of rows, then of those. */
export function columnSums(dispatcher: Dispatcher, terms: ColumnTerms): TensorInfo[] {
  const { program, inputs, rows, columns } = terms;
  const chunkRows =
    rows <= ROWS_AT_ONCE
      ? Math.max(rows, 1)
      : Math.max(ROWS_AT_ONCE / 4, Math.ceil(rows / MAXIMUM_CHUNKS));
  const chunks = Math.max(1, Math.ceil(rows / chunkRows));
  const tiles = Math.ceil(columns / COLUMNS);
  const partial = dispatcher.run(program, {
    inputs,
    shapes: program.outputs.map(() => (chunks === 1 ? [columns] : [chunks, columns])),
    uniforms: { rows, columns, tiles, chunkRows },
    groups: chunks * tiles,
  });
  if (chunks === 1) return partial;
  const rest = columnSums(dispatcher, {
    program: PLAIN_SUMS[partial.length === 1 ? 0 : 1],
    inputs: partial,
    rows: chunks,
    columns,
  });
  dispatcher.dispose(partial);
  return rest;
}

/** `PixelisColumnSums`. */
export const columnSumsKernels: WebgpuKernelSet = (dispatcher) => ({
  PixelisColumnSums: (call) => {
    const [x, rows, columns] = new LayerInputs('column sums', call).matrix('x');
    const outputs = columnSums(dispatcher, { program: PLAIN_SUMS[0], inputs: [x], rows, columns });
    return outputs[0] ?? outputs;
  },
});
