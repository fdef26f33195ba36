import * as tf from '@tensorflow/tfjs';
import fc from 'fast-check';
import { FakeTensorflow } from '../../test/fake-tensorflow';
import { recordGraph, type StepFunction, type Tensors } from '../graph/record-graph';
import { StepProgram } from './step-program';

/** An operation of a random step, on values that stand before it: arguments, constants or earlier results. */
interface Instruction {
  readonly op: 'Add' | 'Sub' | 'Mul' | 'Maximum' | 'Neg' | 'Square' | 'constant';
  readonly first: number;
  readonly second: number;
  readonly value: number;
}

const instruction: fc.Arbitrary<Instruction> = fc.record({
  op: fc.constantFrom('Add', 'Sub', 'Mul', 'Maximum', 'Neg', 'Square', 'constant'),
  first: fc.nat(),
  second: fc.nat(),
  value: fc.constantFrom(-1.5, -0.5, 0, 0.25, 1),
});

const numbers = fc.array(fc.constantFrom(-2, -0.5, 0, 0.5, 1, 3), { minLength: 2, maxLength: 2 });

/** A step that runs the instructions; what it keeps and gives out are results picked at random. */
function stepOf(
  backend: FakeTensorflow,
  { program, picks }: { program: readonly Instruction[]; picks: readonly number[] },
): StepFunction {
  return (state, inputs) => {
    const values = [...Object.values(state), ...Object.values(inputs)];
    const pick = (index: number): tf.Tensor => {
      const value = values[index % values.length];
      if (value === undefined) throw new RangeError('Cannot pick: there must be values');
      return value;
    };
    for (const { op, first, second, value } of program) {
      const isUnary = op === 'Neg' || op === 'Square';
      const operands = isUnary ? [pick(first)] : [pick(first), pick(second)];
      values.push(
        op === 'constant'
          ? tf.tensor1d([value, value])
          : backend.executeSingleOutput(op, [], operands),
      );
    }
    const [a = 0, b = 0, c = 0, d = 0] = picks;
    return { state: { a: pick(a), b: pick(b) }, outputs: { c: pick(c), d: pick(d) } };
  };
}

function numbersOf(tensors: Tensors): Record<string, number[]> {
  return Object.fromEntries(
    Object.entries(tensors).map(([name, tensor]) => [name, [...tensor.dataSync()]]),
  );
}

beforeAll(async () => {
  jest.spyOn(console, 'warn').mockImplementation();
  await tf.setBackend('cpu');
});

describe('StepProgram', () => {
  it('computes, in several steps, what the recorded step computes eagerly', () => {
    fc.assert(
      fc.property(
        fc.array(instruction, { maxLength: 12 }),
        fc.array(fc.nat(), { minLength: 4, maxLength: 4 }),
        fc.tuple(numbers, numbers, numbers),
        (program, picks, [a, b, x]) => {
          const backend = new FakeTensorflow();
          const step = stepOf(backend, { program, picks });
          let state: Tensors = { a: tf.tensor1d(a), b: tf.tensor1d(b) };
          const inputs = { x: tf.tensor1d(x) };
          const graph = recordGraph(step, { state, inputs, backend });
          const types = Object.fromEntries(
            Object.entries(state).map(([name, { dtype, shape }]) => [name, { dtype, shape }]),
          );
          const compiled = new StepProgram(backend, graph, types);
          compiled.writeState(state);
          for (let index = 0; index < 3; index += 1) {
            const eager = step(state, inputs);
            expect(numbersOf(compiled.run(inputs))).toEqual(numbersOf(eager.outputs));
            expect(numbersOf(compiled.readState())).toEqual(numbersOf(eager.state));
            state = eager.state;
          }
          expect(backend.heldVariables).toBe(2);
          compiled.forgetState();
          expect(backend.heldVariables).toBe(0);
          compiled.writeState(state);
          expect(numbersOf(compiled.readState())).toEqual(numbersOf(state));
        },
      ),
    );
  });
});
