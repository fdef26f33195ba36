import { collate, maximumSequenceLength, NONE, patchCountOf } from './reasoning-batch';
import { ReasoningSequence } from './reasoning-sequence';
import { cellToken, numberToken, TOKENS } from './vocabulary';

const CANVAS = new Uint8Array(784).fill(10);
const CROP = Uint8Array.from({ length: 784 }, (_, at) => at % 251);

describe('collate()', () => {
  // Pictures of four patches.
  const batch = collate([zooming(), counting()], { patchSize: 14, actionTokenWeight: 0.25 });

  it('lays out canvas, question, emitted tokens and results in the order of reading', () => {
    expect(rows(batch.tokens)).toEqual([
      [
        _,
        _,
        _,
        _,
        TOKENS.questionDigit,
        cellToken(2),
        TOKENS.zoom,
        cellToken(2),
        _,
        _,
        _,
        _,
        28,
        TOKENS.answer,
        28,
      ],
      [
        _,
        _,
        _,
        _,
        TOKENS.questionCount,
        TOKENS.properties,
        cellToken(0),
        TOKENS.faint,
        _,
        _,
        _,
        _,
        _,
        _,
        _,
      ],
    ]);
    expect(rows(batch.patches)).toEqual([
      [0, 1, 2, 3, _, _, _, _, 4, 5, 6, 7, _, _, _],
      [8, 9, 10, 11, _, _, _, _, _, _, _, _, _, _, _],
    ]);
    expect([...batch.lengths]).toEqual([15, 8]);
  });

  it('makes targets of what is emitted, and of that alone', () => {
    expect(rows(batch.targets)).toEqual([
      [_, _, _, _, _, TOKENS.zoom, cellToken(2), _, _, _, _, 28, TOKENS.answer, 28, TOKENS.end],
      [_, _, _, _, TOKENS.properties, cellToken(0), _, _, _, _, _, _, _, _, _],
    ]);
    expect(rows(batch.weights)).toEqual([
      [0, 0, 0, 0, 0, 0.25, 0.25, 0, 0, 0, 0, 1, 1, 1, 1],
      [0, 0, 0, 0, 0.25, 0.25, 0, 0, 0, 0, 0, 0, 0, 0, 0],
    ]);
  });

  it('puts the pictures one after another', () => {
    expect(batch).toMatchObject({ batch: 2, length: 15, imageCount: 3, patchCount: 4 });
    expect(batch.images.subarray(0, 784)).toEqual(CANVAS);
    expect(batch.images.subarray(784, 2 * 784)).toEqual(CROP);
    expect(batch.images.subarray(2 * 784)).toEqual(CANVAS);
  });

  it('refuses no sequences', () => {
    expect(() => collate([])).toThrow(RangeError);
  });

  function rows(values: Int32Array | Float32Array): number[][] {
    return [[...values.subarray(0, batch.length)], [...values.subarray(batch.length)]];
  }
});

describe('patchCountOf()', () => {
  it.each([0, 3, 56, 3.5, Number.NaN])('refuses a patch of %p pixels', (patchSize) => {
    expect(() => patchCountOf(patchSize)).toThrow(RangeError);
    expect(() => maximumSequenceLength(patchSize)).toThrow(RangeError);
  });

  it('counts the patches of a picture', () => {
    expect([4, 7, 14, 28].map((size) => patchCountOf(size))).toEqual([49, 16, 4, 1]);
  });
});

describe('maximumSequenceLength()', () => {
  it('is what two zooms take, or four looks where pictures are small', () => {
    expect([4, 7, 14, 28].map((size) => maximumSequenceLength(size))).toEqual([158, 59, 23, 16]);
  });
});

const _ = NONE;

function zooming(): ReasoningSequence {
  const sequence = new ReasoningSequence(CANVAS, [TOKENS.questionDigit, cellToken(2)]);
  sequence.emit(TOKENS.zoom);
  sequence.emit(cellToken(2));
  sequence.insertImage(CROP);
  sequence.emit(numberToken(7));
  sequence.emit(TOKENS.answer);
  sequence.emit(numberToken(7));
  sequence.emit(TOKENS.end);
  return sequence;
}

/** Not ended: as it stands while a model decodes. */
function counting(): ReasoningSequence {
  const sequence = new ReasoningSequence(CANVAS, [TOKENS.questionCount]);
  sequence.emit(TOKENS.properties);
  sequence.emit(cellToken(0));
  sequence.insertToken(TOKENS.faint);
  return sequence;
}
