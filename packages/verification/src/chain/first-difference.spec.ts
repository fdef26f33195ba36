import { chainText, countingSource } from '../../test/support/chain-text';
import { thrownBy } from '../../test/support/thrown-by';
import type { ByteSource } from './byte-source';
import { firstDifference } from './first-difference';

describe('firstDifference()', () => {
  it('is null for equal chains, also for empty ones and one with a torn tail', () => {
    const text = chainText({ length: 9 });
    expect(firstDifference(countingSource(text), countingSource(text))).toBeNull();
    expect(firstDifference(countingSource(''), countingSource(''))).toBeNull();
    expect(firstDifference(countingSource(`${text}{"st`), countingSource(text))).toBeNull();
    expect(firstDifference(countingSource(text), countingSource(`${text}{"st`))).toBeNull();
  });

  it('names the step, the last shared one, and what differs in it', () => {
    const [a, b] = [chainText({ length: 9 }), chainText({ length: 9, changedAt: 4 })];
    expect(firstDifference(countingSource(a), countingSource(b))).toMatchObject({
      step: 4,
      sharedStep: 3,
      parts: ['weights'],
      ended: null,
    });
  });

  it('finds that the first line differs', () => {
    const [a, b] = [chainText({ length: 3 }), chainText({ length: 3, changedAt: 0 })];
    expect(firstDifference(countingSource(a), countingSource(b))).toMatchObject({
      step: 0,
      sharedStep: null,
    });
  });

  it.each([
    ['a', 5, 9],
    ['b', 9, 5],
  ])('says that %s ends', (ended, lengthA, lengthB) => {
    const [a, b] = [chainText({ length: lengthA }), chainText({ length: lengthB })];
    expect(firstDifference(countingSource(a), countingSource(b))).toMatchObject({
      step: 5,
      sharedStep: 4,
      parts: [],
      ended,
    });
  });

  it('names the places of the tensors that differ', () => {
    const text = chainText({ length: 2, tensors: () => 3 });
    const changed = text.replace(
      /"weight_tensors":"0a1b2c3d0a1b2c3d0a1b2c3d"(?=[^\n]*\n$)/,
      '"weight_tensors":"0a1b2c3dffffffffeeeeeeee"',
    );
    const found = firstDifference(countingSource(text), countingSource(changed));
    expect(found).toMatchObject({ step: 1, weightTensors: [1, 2], gradientTensors: [] });
  });

  it('refuses a line that is none', () => {
    const text = chainText({ length: 3 });
    const broken = text.replace(/"step":2/, '"step":"2"');
    expect(
      thrownBy(() => firstDifference(countingSource(text), countingSource(broken))),
    ).toMatchObject({ code: 'CHAIN_BROKEN', exitCode: 5 });
  });

  it.each([0, 1, 499_999, 700_001, 999_999])(
    'finds line %i of 1,000,000 in a logarithmic number of reads',
    (changedAt) => {
      const [a, b] = [millionLines(), millionLines(changedAt)];
      expect(firstDifference(a, b)).toMatchObject({ step: changedAt });
      const readsMax = 4 * Math.log2(a.sizeBytes);
      expect(Math.max(a.reads, b.reads)).toBeLessThan(readsMax);
      expect(a.bytes + b.bytes).toBeLessThan(1e6);
    },
  );
});

// Helpers

const HEX = 'f'.repeat(64);
const PERIOD = 5;
const LINES = 1e6;
let starts: Float64Array | undefined;

type CountingSource = ByteSource & { reads: number; bytes: number };

/** A chain that is made where it is read, so that a large one needs no disk. */
function millionLines(changedAt = Infinity): CountingSource {
  return {
    reads: 0,
    bytes: 0,
    sizeBytes: startOf(LINES),
    read(offset, wanted) {
      this.reads += 1;
      let step = lineContaining(offset);
      let text = lineText(step, step >= changedAt).slice(offset - startOf(step));
      while (text.length < wanted && (step += 1) < LINES) text += lineText(step, step >= changedAt);
      const bytes = Buffer.from(text.slice(0, wanted));
      this.bytes += bytes.length;
      return bytes;
    },
  };
}

function lineText(step: number, isChanged: boolean): string {
  const chain = `"chain":"${isChanged ? 'b' : 'a'}${step.toString(16).padStart(63, '0')}"`;
  if (step === 0) return `{${chain},"step":0,"weight_tensors":"","weights":"${HEX}"}\n`;
  const tensors = 'abababab'.repeat(step % PERIOD);
  const digests = `"gradient_tensors":"${tensors}","gradients":"${HEX}","loss":"3ff0000000000000"`;
  return `{"batch":"${HEX}",${chain},${digests},"step":${step},"weight_tensors":"${tensors}","weights":"${HEX}"}\n`;
}

/** Where each line starts: its length depends on the number of its digits and its place in the period alone. */
function startOf(step: number): number {
  starts ??= allStarts();
  return starts[step]!;
}

function allStarts(): Float64Array {
  const offsets = new Float64Array(LINES + 1);
  const lengths = new Map<number, number>();
  for (let step = 0; step < LINES; step++) {
    const kind = step === 0 ? -1 : PERIOD * String(step).length + (step % PERIOD);
    const length = lengths.get(kind) ?? lineText(step, false).length;
    lengths.set(kind, length);
    offsets[step + 1] = offsets[step]! + length;
  }
  return offsets;
}

function lineContaining(offset: number): number {
  let [low, high] = [0, LINES];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (startOf(middle) <= offset) low = middle;
    else high = middle;
  }
  return low;
}
