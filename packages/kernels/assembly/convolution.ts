/**
 * Convolutions of float32 images [batch, height, width, channels] with filters [height, width, in, out], and their
 * gradients, as matrix products: the patch of the image under the filter is a row of a matrix, whose columns are the
 * entries of the filter in order. Only a block of such rows is made at a time. A place outside the image counts as 0.
 *
 * Sums are chains as in `multiplyStrided`, products rounded first: a result over the patch in the filter's order; the gradient of
 * the image over the output channels, and those values then added from 0 in ascending order of places; the gradient of the filter over
 * the places of one block, and the blocks then added in order.
 */
import { at, endInside, firstInside, Geometry, placesOf } from './convolution-geometry';
import { addRow } from './embedding';
import { multiplyStrided } from './matrix-product';
import { copyRun } from './shape';

/** Entries of one block of patches: 256 KiB, which the second-level cache holds. */
const BLOCK_ENTRIES: i32 = 65536;

@inline
function depthOf(g: Geometry): i32 {
  return g.filterHeight * g.filterWidth * g.inChannels;
}

/** Places of one block. */
@inline
function blockOf(g: Geometry): i32 {
  return max(1, BLOCK_ENTRIES / max(1, depthOf(g)));
}

/** Whether the patches are the image itself. */
@inline
function isPointwise(g: Geometry): bool {
  return (
    g.filterHeight == 1 && g.filterWidth == 1 && g.strideHeight == 1 && g.strideWidth == 1 &&
    g.padTop == 0 && g.padLeft == 0 && g.inHeight == g.outHeight && g.inWidth == g.outWidth
  );
}

/** Bytes of one block of patches. */
export function patchBytes(g: Geometry): i32 {
  return isPointwise(g) ? 4 : min(blockOf(g), max(1, placesOf(g))) * depthOf(g) * 4;
}

/** Goes through the patches of `count` places from `first` on: copies them from the image, or adds them to it. */
@inline
function visitPatches(isAdding: bool, g: Geometry, image: usize, first: i32, count: i32, patches: usize): void {
  const channels = g.inChannels, filterWidth = g.filterWidth, step = g.dilationWidth;
  const imageBytes = <usize>(g.inHeight * g.inWidth * channels) << 2;
  const rowEntries = filterWidth * channels;
  for (let place = first; place < first + count; place++) {
    const column = place % g.outWidth;
    const line = place / g.outWidth;
    const source = image + <usize>(line / g.outHeight) * imageBytes;
    const left = column * g.strideWidth - g.padLeft;
    const begin = min(filterWidth, firstInside(left, step)), end = max(begin, endInside(left, step, g.inWidth, filterWidth));
    let y = (line % g.outHeight) * g.strideHeight - g.padTop;
    for (let r: i32 = 0; r < g.filterHeight; r++) {
      if (<u32>y >= <u32>g.inHeight) {
        if (!isAdding) memory.fill(patches, 0, <usize>rowEntries << 2);
      } else {
        const entries = source + (<usize>((y * g.inWidth + left) * channels) << 2);
        if (isAdding) addPatchRow(entries, patches, begin, end, channels, step);
        else copyPatchRow(entries, patches, begin, end, channels, step, filterWidth);
      }
      patches = at(patches, rowEntries);
      y += g.dilationHeight;
    }
  }
}

function copyPatchRow(from: usize, to: usize, begin: i32, end: i32, channels: i32, step: i32, width: i32): void {
  if (begin > 0) memory.fill(to, 0, <usize>(begin * channels) << 2);
  if (end < width) memory.fill(at(to, end * channels), 0, <usize>((width - end) * channels) << 2);
  if (step == 1) {
    copyRun(at(from, begin * channels), at(to, begin * channels), (end - begin) * channels);
    return;
  }
  for (let s = begin; s < end; s++) copyRun(at(from, s * step * channels), at(to, s * channels), channels);
}

function addPatchRow(image: usize, patch: usize, begin: i32, end: i32, channels: i32, step: i32): void {
  if (step == 1) {
    addRow((end - begin) * channels, at(patch, begin * channels), at(image, begin * channels));
    return;
  }
  for (let s = begin; s < end; s++) addRow(channels, at(patch, s * channels), at(image, s * step * channels));
}

function copyPatches(g: Geometry, image: usize, first: i32, count: i32, patches: usize): void {
  visitPatches(false, g, image, first, count, patches);
}

function addPatches(g: Geometry, image: usize, first: i32, count: i32, patches: usize): void {
  visitPatches(true, g, image, first, count, patches);
}

/** The convolution `y` of `x`; `patches` has `patchBytes`, `scratch` what `multiplyStrided` asks for. */
export function convolve(g: Geometry, x: usize, filter: usize, y: usize, patches: usize, scratch: usize): void {
  const depth = depthOf(g), outputs = g.outChannels, places = placesOf(g);
  if (isPointwise(g)) {
    multiplyStrided(places, outputs, depth, x, depth, 1, filter, outputs, 1, y, outputs, scratch);
    return;
  }
  const block = blockOf(g);
  for (let first: i32 = 0; first < places; first += block) {
    const count = min(block, places - first);
    copyPatches(g, x, first, count, patches);
    multiplyStrided(count, outputs, depth, patches, depth, 1, filter, outputs, 1, at(y, first * outputs), outputs, scratch);
  }
}

/** The gradient `dx` of the image, of `dy`. */
export function convolutionInputGradient(g: Geometry, dy: usize, filter: usize, dx: usize, patches: usize, scratch: usize): void {
  const depth = depthOf(g), outputs = g.outChannels, places = placesOf(g);
  if (isPointwise(g)) {
    multiplyStrided(places, depth, outputs, dy, outputs, 1, filter, 1, outputs, dx, depth, scratch);
    return;
  }
  memory.fill(dx, 0, (<usize>(g.batch * g.inHeight * g.inWidth) * <usize>g.inChannels) << 2);
  const block = blockOf(g);
  for (let first: i32 = 0; first < places; first += block) {
    const count = min(block, places - first);
    multiplyStrided(count, depth, outputs, at(dy, first * outputs), outputs, 1, filter, 1, outputs, patches, depth, scratch);
    addPatches(g, dx, first, count, patches);
  }
}

/** The gradient `dFilter` of the filter, of `dy`; `partial` has room for one such gradient. */
export function convolutionFilterGradient(g: Geometry, x: usize, dy: usize, dFilter: usize, partial: usize, patches: usize, scratch: usize): void {
  const depth = depthOf(g), outputs = g.outChannels, places = placesOf(g);
  const isImage = isPointwise(g);
  const block = blockOf(g);
  for (let first: i32 = 0; first < places; first += block) {
    const count = min(block, places - first);
    const rows = isImage ? at(x, first * depth) : patches;
    if (!isImage) copyPatches(g, x, first, count, patches);
    const sum = first == 0 ? dFilter : partial;
    multiplyStrided(depth, outputs, count, rows, 1, depth, at(dy, first * outputs), outputs, 1, sum, outputs, scratch);
    if (first > 0) addRow(depth * outputs, partial, dFilter);
  }
}
