import { EXPONENTIAL } from './exponential';

/** Invocations that share a row: so many for each of so many leaders. */
const LEADERS = 8;
export const ROW_LANES = LEADERS * 8;

/**
 * `sumOfRow(part, lane)`: the sum of the parts of a workgroup's invocations, to all of them. Leaders add up first, and all
 * add up what the leaders have: two barriers, of which a tree of halves has six. A call that follows writes to neither array before
 * all have read it.
 */
export const ROW_REDUCTIONS = `
var<workgroup> parts: array<f32, ${ROW_LANES}>;
var<workgroup> leaders: array<f32, ${LEADERS}>;
${reduction('sumOfRow', (a, b) => `${a} + ${b}`)}
`;

/** What a softmax of rows needs: {@link ROW_REDUCTIONS}, `maximumOfRow(part, lane)` that starts at `LOWEST`, `expOf(x)` and `logOf(x)`. */
export const ROW_SOFTMAX = `
${ROW_REDUCTIONS}
${reduction('maximumOfRow', (a, b) => `max(${a}, ${b})`)}
${EXPONENTIAL}
const LOWEST = -3.4028234e38;
`;

function reduction(name: string, combine: (a: string, b: string) => string): string {
  return `
fn ${name}(part: f32, lane: u32) -> f32 {
  parts[lane] = part;
  workgroupBarrier();
  if (lane < ${LEADERS}u) {
    var all = part;
    for (var other = lane + ${LEADERS}u; other < ${ROW_LANES}u; other += ${LEADERS}u) {
      all = ${combine('all', 'parts[other]')};
    }
    leaders[lane] = all;
  }
  workgroupBarrier();
  var result = leaders[0];
  for (var other = 1u; other < ${LEADERS}u; other++) { result = ${combine('result', 'leaders[other]')}; }
  return result;
}`;
}
