/** Format in which a compiled step multiplies matrices; all else is f32. */
export type Precision = 'f32' | 'bf16';
