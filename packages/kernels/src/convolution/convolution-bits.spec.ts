import * as tf from '@tensorflow/tfjs';
import '@tensorflow/tfjs-backend-wasm';
import { bits } from '../../test/naive-product';
import { type InstalledKernels, installTrainingKernels } from '../index';

const { fround } = Math;
const [height, width, inputs, outputs, size] = [5, 6, 3, 4, 3];

/** Values whose products and sums round. */
const image = thirds(height * width * inputs, 3);
const filter = thirds(size * size * inputs * outputs, 7);
const dy = thirds(height * width * outputs, 11);

describe('convolution kernels have the bits of their definition:', () => {
  let installed: InstalledKernels;

  beforeAll(async () => {
    tf.env().set('IS_TEST', true);
    await tf.setBackend('wasm');
    installed = installTrainingKernels(tf);
  });
  afterAll(() => installed.uninstall());

  it('a result is one chain over the patch in the order of the filter', () => {
    const expected = new Float32Array(height * width * outputs);
    visit(({ place, tap, entry }) => {
      for (let o = 0; o < outputs; o++) {
        add(expected, place * outputs + o, image[entry]!, filter[tap * outputs + o]!);
      }
    });
    expect(bits(values(() => tf.conv2d(x(), w(), 1, 'same')))).toEqual(bits(expected));
  });

  it('the gradient of the filter is one chain over the places of a block', () => {
    const expected = new Float32Array(filter.length);
    visit(({ place, tap, entry }) => {
      for (let o = 0; o < outputs; o++) {
        add(expected, tap * outputs + o, image[entry]!, dy[place * outputs + o]!);
      }
    });
    const gradient = () =>
      tf.grad((b) => tf.conv2d(x(), b as tf.Tensor4D, 1, 'same'))(w(), upstream());
    expect(bits(values(gradient))).toEqual(bits(expected));
  });

  it('the gradient of the image adds, place by place, chains over the output channels', () => {
    const expected = new Float32Array(image.length);
    visit(({ place, tap, entry }) => {
      const chain = new Float32Array(1);
      for (let o = 0; o < outputs; o++) {
        add(chain, 0, dy[place * outputs + o]!, filter[tap * outputs + o]!);
      }
      expected[entry] = fround(expected[entry]! + chain[0]!);
    });
    const gradient = () =>
      tf.grad((a) => tf.conv2d(a as tf.Tensor4D, w(), 1, 'same'))(x(), upstream());
    expect(bits(values(gradient))).toEqual(bits(expected));
  });
});

/** Goes through the places of the result, and for each through the filter's entries (row, column, channel) inside the image. */
function visit(work: (at: { place: number; tap: number; entry: number }) => void): void {
  for (let place = 0; place < height * width; place++) {
    for (let tap = 0; tap < size * size * inputs; tap++) {
      const [r, s, c] = [
        Math.floor(tap / (size * inputs)),
        Math.floor(tap / inputs) % size,
        tap % inputs,
      ];
      const [row, column] = [Math.floor(place / width) + r - 1, (place % width) + s - 1];
      const isInside = row >= 0 && row < height && column >= 0 && column < width;
      if (isInside) work({ place, tap, entry: (row * width + column) * inputs + c });
    }
  }
}

function add(sums: Float32Array, index: number, left: number, right: number): void {
  sums[index] = fround(sums[index]! + fround(left * right));
}

function thirds(count: number, start: number): Float32Array {
  return Float32Array.from({ length: count }, (_, index) => (((index * 7 + start) % 23) - 11) / 3);
}

function values(compute: () => tf.Tensor): Float32Array {
  return tf.tidy(() => Float32Array.from(compute().dataSync()));
}

function x(): tf.Tensor4D {
  return tf.tensor4d(image, [1, height, width, inputs]);
}

function w(): tf.Tensor4D {
  return tf.tensor4d(filter, [size, size, inputs, outputs]);
}

function upstream(): tf.Tensor4D {
  return tf.tensor4d(dy, [1, height, width, outputs]);
}
