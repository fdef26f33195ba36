import type { SweepParameter } from '@pixelis/config';
// eslint-disable-next-line @nx/enforce-module-boundaries -- what is measured is the package as it is built
import type { Parameters } from '@pixelis/sweep';

/** A function to be minimised, and where. */
export interface Objective {
  readonly name: string;
  readonly space: Readonly<Record<string, SweepParameter>>;
  readonly valueAt: (point: Parameters) => number;
}

const uniform = (low: number, high: number): SweepParameter => ({
  distribution: 'uniform',
  low,
  high,
});

function coordinates(point: Parameters, count: number): number[] {
  return Array.from({ length: count }, (_, index) => Number(point[`x${index}`]));
}

function box(bounds: readonly (readonly [number, number])[]): Record<string, SweepParameter> {
  return Object.fromEntries(bounds.map(([low, high], index) => [`x${index}`, uniform(low, high)]));
}

function branin(point: Parameters): number {
  const [x = 0, y = 0] = coordinates(point, 2);
  const valley = y - (5.1 / (4 * Math.PI ** 2)) * x ** 2 + (5 / Math.PI) * x - 6;
  return valley ** 2 + 10 * (1 - 1 / (8 * Math.PI)) * Math.cos(x) + 10;
}

function rosenbrock(point: Parameters): number {
  const x = coordinates(point, 4);
  return x.slice(0, -1).reduce((sum, value, index) => {
    const next = x[index + 1] ?? 0;
    return sum + 100 * (next - value ** 2) ** 2 + (1 - value) ** 2;
  }, 0);
}

const HARTMANN = {
  heights: [1, 1.2, 3, 3.2],
  widths: [
    [10, 3, 17, 3.5, 1.7, 8],
    [0.05, 10, 17, 0.1, 8, 14],
    [3, 3.5, 1.7, 10, 17, 8],
    [17, 8, 0.05, 10, 0.1, 14],
  ],
  centres: [
    [0.1312, 0.1696, 0.5569, 0.0124, 0.8283, 0.5886],
    [0.2329, 0.4135, 0.8307, 0.3736, 0.1004, 0.9991],
    [0.2348, 0.1451, 0.3522, 0.2883, 0.3047, 0.665],
    [0.4047, 0.8828, 0.8732, 0.5743, 0.1091, 0.0381],
  ],
} as const;

function hartmann(point: Parameters): number {
  const x = coordinates(point, 6);
  return -HARTMANN.heights.reduce((sum, height, hill) => {
    const distance = x.reduce((total, value, index) => {
      const width = HARTMANN.widths[hill]?.[index] ?? 0;
      const centre = HARTMANN.centres[hill]?.[index] ?? 0;
      return total + width * (value - centre) ** 2;
    }, 0);
    return sum + height * Math.exp(-distance);
  }, 0);
}

const PENALTIES = [
  ['adam', 0],
  ['momentum', 0.3],
  ['sgd', 0.8],
] as const;

/** Like training: a learning rate with an optimum that moves with the depth, an optimizer, a width. */
function training(point: Parameters): number {
  const rate = Math.log10(Number(point['rate']));
  const depth = Number(point['depth']);
  const width = Math.log2(Number(point['width']));
  const penalty = PENALTIES.find(([optimizer]) => optimizer === point['optimizer'])?.[1] ?? 1;
  const best = point['optimizer'] === 'adam' ? -3 - depth / 24 : -1.5;
  return (rate - best) ** 2 + (depth - 14) ** 2 / 60 + (width - 7) ** 2 / 10 + penalty;
}

/** The standard functions of the field (minima: 0, 0.3979, 0, −3.3224), and one of a mixed space. */
export const OBJECTIVES: readonly Objective[] = [
  {
    name: 'sphere, 2 keys',
    space: box([
      [-5, 5],
      [-5, 5],
    ]),
    valueAt: (point) => coordinates(point, 2).reduce((sum, value) => sum + value ** 2, 0),
  },
  {
    name: 'Branin, 2 keys',
    space: box([
      [-5, 10],
      [0, 15],
    ]),
    valueAt: branin,
  },
  {
    name: 'Rosenbrock, 4 keys',
    space: box([
      [-2, 2],
      [-2, 2],
      [-2, 2],
      [-2, 2],
    ]),
    valueAt: rosenbrock,
  },
  {
    name: 'Hartmann, 6 keys',
    space: box(Array.from({ length: 6 }, () => [0, 1] as const)),
    valueAt: hartmann,
  },
  {
    name: 'mixed, 4 keys',
    space: {
      depth: { distribution: 'int', low: 1, high: 24 },
      optimizer: { values: ['adam', 'momentum', 'sgd'] },
      rate: { distribution: 'log_uniform', low: 1e-6, high: 1 },
      width: { distribution: 'log_int', low: 8, high: 1024 },
    },
    valueAt: training,
  },
];
