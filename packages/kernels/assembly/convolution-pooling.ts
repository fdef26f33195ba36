/** Maxima and means over windows of images [batch, height, width, channels], and their gradients. */
import { at, endInside, firstInside, Geometry } from './convolution-geometry';

const MAXIMUM: i32 = 0;
const MEAN: i32 = 1;

/** Takes `x` into `y`, entry by entry: of a maximum a NaN is left out, as elsewhere in tfjs. */
@inline
function join(kind: i32, count: i32, x: usize, y: usize): void {
  let i: i32 = 0;
  for (; i + 4 <= count; i += 4) {
    const before = v128.load(y), entry = v128.load(x);
    v128.store(y, kind == MAXIMUM ? f32x4.pmax(before, entry) : f32x4.add(before, entry));
    x += 16;
    y += 16;
  }
  for (; i < count; i++) {
    const before = load<f32>(y), entry = load<f32>(x);
    store<f32>(y, kind == MAXIMUM ? (before < entry ? entry : before) : before + entry);
    x += 4;
    y += 4;
  }
}

@inline
function pool(kind: i32, g: Geometry, x: usize, y: usize): void {
  const channels = g.inChannels;
  const imageBytes = <usize>(g.inHeight * g.inWidth * channels) << 2;
  for (let b: i32 = 0; b < g.batch; b++) {
    for (let row: i32 = 0; row < g.outHeight; row++) {
      const top = row * g.strideHeight - g.padTop;
      const firstRow = firstInside(top, g.dilationHeight);
      const endRow = endInside(top, g.dilationHeight, g.inHeight, g.filterHeight);
      for (let column: i32 = 0; column < g.outWidth; column++) {
        const left = column * g.strideWidth - g.padLeft;
        const firstColumn = firstInside(left, g.dilationWidth);
        const endColumn = endInside(left, g.dilationWidth, g.inWidth, g.filterWidth);
        fill(channels, kind == MAXIMUM ? -f32.POSITIVE_INFINITY : <f32>0, y);
        for (let r = firstRow; r < endRow; r++) {
          const line = (top + r * g.dilationHeight) * g.inWidth + left;
          for (let s = firstColumn; s < endColumn; s++) join(kind, channels, at(x, (line + s * g.dilationWidth) * channels), y);
        }
        if (kind == MEAN) divide(channels, <f32>(max(0, endRow - firstRow) * max(0, endColumn - firstColumn)), y);
        y = at(y, channels);
      }
    }
    x += imageBytes;
  }
}

function fill(count: i32, value: f32, to: usize): void {
  for (let i: i32 = 0; i < count; i++) store<f32>(at(to, i), value);
}

function divide(count: i32, divisor: f32, values: usize): void {
  for (let i: i32 = 0; i < count; i++) store<f32>(at(values, i), load<f32>(at(values, i)) / divisor);
}

/** The largest entry of each window; −∞ where it has none. */
export function poolMaximum(g: Geometry, x: usize, y: usize): void {
  pool(MAXIMUM, g, x, y);
}

/** The mean of the entries of each window that lie inside the image: their sum from 0 in the window's order, divided by their number. */
export function poolMean(g: Geometry, x: usize, y: usize): void {
  pool(MEAN, g, x, y);
}

/** Adds each entry of `dy` to `dx` where the first largest entry of its window of `x` is, in ascending order of `dy`. */
export function addMaximumGradient(g: Geometry, x: usize, dy: usize, dx: usize): void {
  const channels = g.inChannels;
  const imageBytes = <usize>(g.inHeight * g.inWidth * channels) << 2;
  for (let b: i32 = 0; b < g.batch; b++) {
    for (let row: i32 = 0; row < g.outHeight; row++) {
      const top = row * g.strideHeight - g.padTop;
      const firstRow = firstInside(top, g.dilationHeight);
      const endRow = endInside(top, g.dilationHeight, g.inHeight, g.filterHeight);
      for (let column: i32 = 0; column < g.outWidth; column++) {
        const left = column * g.strideWidth - g.padLeft;
        const firstColumn = firstInside(left, g.dilationWidth);
        const endColumn = endInside(left, g.dilationWidth, g.inWidth, g.filterWidth);
        for (let c: i32 = 0; c < channels; c++) {
          let best = -f32.POSITIVE_INFINITY;
          let place: i32 = -1;
          for (let r = firstRow; r < endRow; r++) {
            const line = (top + r * g.dilationHeight) * g.inWidth + left;
            for (let s = firstColumn; s < endColumn; s++) {
              const index = (line + s * g.dilationWidth) * channels + c;
              const entry = load<f32>(at(x, index));
              if (entry > best) {
                best = entry;
                place = index;
              }
            }
          }
          if (place >= 0) store<f32>(at(dx, place), load<f32>(at(dx, place)) + load<f32>(at(dy, c)));
        }
        dy = at(dy, channels);
      }
    }
    x += imageBytes;
    dx += imageBytes;
  }
}

/** Adds each entry of `dy` times `share` to the entries of `dx` in its window, in ascending order of `dy`. */
export function addMeanGradient(g: Geometry, share: f32, dy: usize, dx: usize): void {
  const channels = g.inChannels;
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
            addShare(channels, share, dy, at(dx, (line + s * g.dilationWidth) * channels));
          }
        }
        dy = at(dy, channels);
      }
    }
    dx += imageBytes;
  }
}

function addShare(count: i32, share: f32, from: usize, to: usize): void {
  for (let i: i32 = 0; i < count; i++) {
    store<f32>(at(to, i), load<f32>(at(to, i)) + load<f32>(at(from, i)) * share);
  }
}
