/** Σ coefficients[i]·x^i. Even and odd powers are summed apart, so that the processor can work on both at once. */
export function polynomial(coefficients: readonly number[], x: number): number {
  const square = x * x;
  let even = 0;
  let odd = 0;
  let index = coefficients.length - 1;
  if (index % 2 === 0) even = coefficients[index--] ?? 0;
  for (; index > 0; index -= 2) {
    odd = odd * square + (coefficients[index] ?? 0);
    even = even * square + (coefficients[index - 1] ?? 0);
  }
  return even + odd * x;
}
