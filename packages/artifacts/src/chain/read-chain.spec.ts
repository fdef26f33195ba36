import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { canonicalJson, DataError, IntegrityError, sha256 } from '@pixelis/core';
import { DIGESTS, WEIGHTS } from '../../test/digests';
import { useTemporaryFolder } from '../../test/temporary-folder';
import { thrownBy } from '../../test/thrown-by';
import { CHAIN_FILE, chainLine, FIRST_CHAIN, parseChainLine } from './chain-line';
import { chainHeadAt, readChain, verifyChain } from './read-chain';

const temporaryFolder = useTemporaryFolder();

/** The lines of a chain with one for each step. */
function linesOf(steps: readonly number[]): string[] {
  let head = FIRST_CHAIN;
  return steps.map((step) => {
    const line = chainLine(head, { step, digests: step === 0 ? WEIGHTS : DIGESTS });
    head = line.chain;
    return line.text;
  });
}

function runOf(lines: readonly string[]): string {
  const run = temporaryFolder();
  writeFileSync(join(run, CHAIN_FILE), lines.map((line) => `${line}\n`).join(''));
  return run;
}

describe('chainLine()', () => {
  it('links a line to the one before by the definition', () => {
    const line = chainLine('ab'.repeat(32), { step: 7, digests: DIGESTS });

    const chain = sha256('ab'.repeat(32) + canonicalJson({ ...DIGESTS, step: 7 }));
    expect(line).toEqual({ text: canonicalJson({ ...DIGESTS, step: 7, chain }), chain });
    expect(parseChainLine(line.text)).toEqual({ ...DIGESTS, step: 7, chain });
  });

  it.each([
    ['a step without its batch', 1, WEIGHTS],
    ['a batch before the first step', 0, DIGESTS],
    ['a half step', 1.5, DIGESTS],
    ['a loss that is no float64', 1, { ...DIGESTS, loss: '0.5' }],
    ['a short digest of half a tensor', 1, { ...DIGESTS, weight_tensors: '0123' }],
  ])('refuses %s', (_, step, digests) => {
    expect(() => chainLine(FIRST_CHAIN, { step, digests })).toThrow(TypeError);
  });
});

describe('readChain()', () => {
  it('gives the lines, and passes over what a kill tore', () => {
    const run = runOf(linesOf([0, 10, 20]));
    appendFileSync(join(run, CHAIN_FILE), '{"batch":"');

    const lines = readChain(run);

    expect(lines.map(({ step }) => step)).toEqual([0, 10, 20]);
    expect(lines[1]).toMatchObject(DIGESTS);
    expect(verifyChain(run)).toEqual({
      isIntact: true,
      count: 3,
      head: lines[2]!.chain,
      problem: null,
    });
  });

  it('of a run that keeps no chain is empty', () => {
    expect(readChain(temporaryFolder())).toEqual([]);
    expect(verifyChain(runOf([]))).toMatchObject({ isIntact: true, count: 0, head: FIRST_CHAIN });
  });

  it('names the line that was changed, wherever a bit of it was', () => {
    const lines = linesOf([0, 1, 2]);
    const whole = lines[1]!;
    for (let at = 0; at < whole.length; at++) {
      const bytes = Buffer.from(whole);
      bytes[at] = bytes[at]! ^ 1;
      const run = runOf([lines[0]!, bytes.toString('latin1'), lines[2]!]);
      const error = thrownBy(() => readChain(run));
      expect(error).toBeInstanceOf(IntegrityError);
      expect(error).toMatchObject({
        code: 'CHAIN_BROKEN',
        message: expect.stringMatching(/chain\.jsonl, line 2: /) as string,
      });
    }
  });

  it.each([
    ['taken out', (lines: string[]) => lines.toSpliced(2, 1), 3],
    ['taken from the front', (lines: string[]) => lines.slice(1), 1],
    ['repeated', (lines: string[]) => lines.toSpliced(1, 0, lines[1]!), 3],
    ['moved', (lines: string[]) => [lines[0]!, lines[2]!, lines[1]!, lines[3]!], 2],
    ['empty', (lines: string[]) => lines.toSpliced(1, 1, ''), 2],
  ])('finds a line that was %s', (_, spoil, line) => {
    expect(verifyChain(runOf(spoil(linesOf([0, 1, 2, 3])))).problem).toMatchObject({ line });
  });

  it.each([
    ['that begins later', [1, 2], 1],
    ['with a step twice', [0, 1, 1], 3],
    ['that goes back', [0, 5, 3], 3],
  ])('refuses a chain %s, though it is linked', (_, steps, line) => {
    expect(verifyChain(runOf(linesOf(steps))).problem).toMatchObject({ line });
  });

  it('refuses what is no file', () => {
    const run = temporaryFolder();
    mkdirSync(join(run, CHAIN_FILE));
    expect(thrownBy(() => readChain(run))).toBeInstanceOf(DataError);
  });
});

describe('chainHeadAt()', () => {
  it('is the chain of the last line up to a step', () => {
    const lines = readChain(runOf(linesOf([0, 10, 20])));

    expect([0, 9, 10, 25].map((step) => chainHeadAt(lines, step))).toEqual(
      [0, 0, 1, 2].map((index) => lines[index]!.chain),
    );
    expect(chainHeadAt([], 5)).toBe(FIRST_CHAIN);
  });
});
