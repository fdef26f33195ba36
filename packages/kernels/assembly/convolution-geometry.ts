/** Sizes of a two-dimensional convolution or pooling of images [batch, height, width, channels]. */
@unmanaged
export class Geometry {
  batch: i32;
  inHeight: i32;
  inWidth: i32;
  inChannels: i32;
  outHeight: i32;
  outWidth: i32;
  outChannels: i32;
  filterHeight: i32;
  filterWidth: i32;
  strideHeight: i32;
  strideWidth: i32;
  dilationHeight: i32;
  dilationWidth: i32;
  padTop: i32;
  padLeft: i32;
}

/** Number of places of the result, over the batch. */
@inline
export function placesOf(g: Geometry): i32 {
  return g.batch * g.outHeight * g.outWidth;
}

@inline
export function at(base: usize, index: i32): usize {
  return base + (<usize>index << 2);
}

/** First step k for which start + k * step is not negative. */
@inline
export function firstInside(start: i32, step: i32): i32 {
  return start >= 0 ? 0 : (step - 1 - start) / step;
}

/** The k that follows the last of `count` for which start + k * step is less than `extent`. */
@inline
export function endInside(start: i32, step: i32, extent: i32, count: i32): i32 {
  return start >= extent ? 0 : min(count, (extent - 1 - start) / step + 1);
}
