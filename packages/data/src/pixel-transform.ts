/**
 * How grey levels become a model's input: value / 255, less the mean, by the standard deviation, those of MNIST's own
 * training pixels. Written as a manifest's `transforms`.
 */
export const PIXEL_TRANSFORM = {
  version: '1',
  normalize: true,
  mean: 0.1307,
  std: 0.3081,
} as const;
