import { util } from '@tensorflow/tfjs-core';
import type { Heap } from '../heap/heap';
import { inputNamed, type OwnKernel } from '../kernel-call';

/**
 * tfjs's `Select`: of two float32 or int32 tensors of one shape the entry of the one or the other, by a condition of the
 * same shape, or of the number of rows.
 */
export function selectKernel(heap: Heap): OwnKernel {
  const { selectEntries, selectRows } = heap.functions('selectEntries', 'selectRows');
  return ({ inputs }) => {
    const condition = inputNamed(inputs, 'condition');
    const [t, e] = [inputNamed(inputs, 't'), inputNamed(inputs, 'e')];
    const { dtype, shape } = t;
    if (condition.dtype !== 'bool' || e.dtype !== dtype) return undefined;
    if (dtype !== 'float32' && dtype !== 'int32') return undefined;
    const count = util.sizeFromShape(shape);
    const conditions = util.sizeFromShape(condition.shape);
    const byRow = condition.shape.length === 1 && shape.length > 1;
    if (util.sizeFromShape(e.shape) !== count || conditions !== (byRow ? shape[0] : count))
      return undefined;
    const out = heap.output(shape, dtype);
    if (count === 0) return out;
    const addresses = [condition, t, e, out].map((tensor) => heap.address(tensor));
    if (byRow) selectRows(conditions, count / conditions, ...addresses);
    else selectEntries(count, ...addresses);
    return out;
  };
}
