/**
 * Depthwise convolutions and their gradients: each channel of the image has filters of its own, [height, width, channels,
 * multiplier], and entry c * multiplier + m of a result is that of channel c and filter m.
 *
 * Every entry of a result is a chain of additions from 0, each product rounded before it is added: over the filter's rows
 * and columns inside the image, or for the gradients over the places of the result in ascending order.
 */
import { at, endInside, firstInside, Geometry } from './convolution-geometry';

const RESULT: i32 = 0;
const IMAGE: i32 = 1;
const FILTER: i32 = 2;

/** Adds the products of `left` and `right` to `to`, entry by entry. */
function addProducts(count: i32, left: usize, right: usize, to: usize): void {
  let i: i32 = 0;
  for (; i + 4 <= count; i += 4) {
    v128.store(to, f32x4.add(v128.load(to), f32x4.mul(v128.load(left), v128.load(right))));
    left += 16;
    right += 16;
    to += 16;
  }
  for (; i < count; i++) {
    store<f32>(to, load<f32>(to) + load<f32>(left) * load<f32>(right));
    left += 4;
    right += 4;
    to += 4;
  }
}

/** The same where `x` has one entry for `multiplier` entries of `y` and `filter`; `kind` says which one is added to. */
@inline
function addSpread(kind: i32, channels: i32, multiplier: i32, x: usize, filter: usize, y: usize): void {
  for (let c: i32 = 0; c < channels; c++) {
    for (let m: i32 = 0; m < multiplier; m++) {
      if (kind == RESULT) store<f32>(y, load<f32>(y) + load<f32>(x) * load<f32>(filter));
      else if (kind == IMAGE) store<f32>(x, load<f32>(x) + load<f32>(y) * load<f32>(filter));
      else store<f32>(filter, load<f32>(filter) + load<f32>(x) * load<f32>(y));
      filter += 4;
      y += 4;
    }
    x += 4;
  }
}

/** The part that one entry of the filter, over all channels, has in one place of the result. */
@inline
function addTap(kind: i32, channels: i32, multiplier: i32, x: usize, filter: usize, y: usize): void {
  if (multiplier != 1) addSpread(kind, channels, multiplier, x, filter, y);
  else if (kind == RESULT) addProducts(channels, x, filter, y);
  else if (kind == IMAGE) addProducts(channels, y, filter, x);
  else addProducts(channels, x, y, filter);
}

@inline
function visitTaps(kind: i32, g: Geometry, x: usize, filter: usize, y: usize): void {
  const channels = g.inChannels, outputs = g.outChannels;
  const multiplier = outputs / channels;
  const imageBytes = <usize>(g.inHeight * g.inWidth * channels) << 2;
  for (let b: i32 = 0; b < g.batch; b++) {
    for (let row: i32 = 0; row < g.outHeight; row++) {
      const top = row * g.strideHeight - g.padTop;
      const endRow = endInside(top, g.dilationHeight, g.inHeight, g.filterHeight);
      for (let column: i32 = 0; column < g.outWidth; column++) {
        const left = column * g.strideWidth - g.padLeft;
        const endColumn = endInside(left, g.dilationWidth, g.inWidth, g.filterWidth);
        for (let r = firstInside(top, g.dilationHeight); r < endRow; r++) {
          const line = (top + r * g.dilationHeight) * g.inWidth + left;
          for (let s = firstInside(left, g.dilationWidth); s < endColumn; s++) {
            const entry = at(x, (line + s * g.dilationWidth) * channels);
            addTap(kind, channels, multiplier, entry, at(filter, (r * g.filterWidth + s) * outputs), y);
          }
        }
        y = at(y, outputs);
      }
    }
    x += imageBytes;
  }
}

/** The convolution, added to `y`. */
export function addDepthwise(g: Geometry, x: usize, filter: usize, y: usize): void {
  visitTaps(RESULT, g, x, filter, y);
}

/** The gradient of the image, added to `dx`. */
export function addDepthwiseInputGradient(g: Geometry, dx: usize, filter: usize, dy: usize): void {
  visitTaps(IMAGE, g, dx, filter, dy);
}

/** The gradient of the filter, added to `dFilter`. */
export function addDepthwiseFilterGradient(g: Geometry, x: usize, dFilter: usize, dy: usize): void {
  visitTaps(FILTER, g, x, dFilter, dy);
}
