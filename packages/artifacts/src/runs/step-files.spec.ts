import { appendFileSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { IntegrityError, sha256 } from '@pixelis/core';
import { DIGESTS, WEIGHTS } from '../../test/digests';
import { useTemporaryFolder } from '../../test/temporary-folder';
import { thrownBy } from '../../test/thrown-by';
import { verifyChain } from '../chain/read-chain';
import { START_OFFSETS, STEP_FILES, StepFiles } from './step-files';

const temporaryFolder = useTemporaryFolder();

function open(directory = temporaryFolder(), isRewindNeeded = false) {
  const steps = new StepFiles(directory, { isRewindNeeded });
  return { steps, read: (name: string) => readFileSync(join(directory, name), 'utf8'), directory };
}

function readAll(directory: string): string[] {
  return STEP_FILES.map((name) => readFileSync(join(directory, name), 'utf8'));
}

describe('StepFiles', () => {
  it('addStep() writes canonical JSON with the step, and no clock', () => {
    const { steps, read } = open();
    steps.addStep('metrics.jsonl', 1, { 'loss/train': 0.5, accuracy: 1, zero: -0, tiny: 1e-7 });
    steps.addStep('timings.jsonl', 1, { step_ms: 12 });
    steps.sync();
    expect(read('metrics.jsonl')).toBe(
      '{"accuracy":1,"loss/train":0.5,"step":1,"tiny":1e-7,"zero":0}\n',
    );
    expect(read('timings.jsonl')).toBe('{"step":1,"step_ms":12}\n');
    steps.close();
  });

  it.each([NaN, Infinity, -Infinity])('addStep() refuses %d and names its key', (value) => {
    const { steps, read } = open();
    expect(() => steps.addStep('metrics.jsonl', 3, { fine: 1, 'loss/val': value })).toThrow(
      `Cannot record "loss/val" of step 3: value must be finite: current value is ${value}`,
    );
    steps.sync();
    expect(read('metrics.jsonl')).toBe('');
    steps.close();
  });

  it.each([0, -1, 1.5, NaN, Infinity, 2 ** 53])('addStep() refuses the step %d', (step) => {
    const { steps } = open();
    expect(() => steps.addStep('metrics.jsonl', step, {})).toThrow(RangeError);
    steps.close();
  });

  it('addStep() refuses a value that would hide the step', () => {
    const { steps } = open();
    expect(() => steps.addStep('metrics.jsonl', 1, { step: 2 })).toThrow(RangeError);
    steps.close();
  });

  it('addEpoch() writes CSV by RFC 4180 with the first row as the model of the others', () => {
    const { steps, read } = open();
    steps.addEpoch(1, { 'loss, train': 0.25, 'a "b"': 1e21 });
    steps.addEpoch(2, { 'loss, train': 0.125, 'a "b"': 2 });
    expect(() => steps.addEpoch(3, { 'loss, train': 1 })).toThrow(/must be those of the first row/);
    steps.sync();
    expect(read('epochs.csv')).toBe(
      'epoch,"loss, train","a ""b"""\r\n1,0.25,1e+21\r\n2,0.125,2\r\n',
    );
    steps.close();
  });

  it('addEpoch() keeps to the header of an earlier process, even one with line breaks', () => {
    const { steps, directory, read } = open();
    steps.addEpoch(1, { 'a\r\nb': 1 });
    const offsets = steps.offsets();
    steps.close();
    const resumed = open(directory, true).steps;
    resumed.rewind(offsets);
    expect(() => resumed.addEpoch(2, { c: 1 })).toThrow(RangeError);
    resumed.addEpoch(2, { 'a\r\nb': 2 });
    resumed.sync();
    expect(read('epochs.csv')).toBe('epoch,"a\r\nb"\r\n1,1\r\n2,2\r\n');
    resumed.close();
  });

  it('addEpoch() may choose new columns after a rewind to the start', () => {
    const { steps, read } = open();
    steps.addEpoch(1, { a: 1 });
    steps.rewind(START_OFFSETS);
    steps.addEpoch(1, { b: 1 });
    steps.sync();
    expect(read('epochs.csv')).toBe('epoch,b\r\n1,1\r\n');
    steps.close();
  });

  it('offsets() gives lengths and hashes of what is in the files', () => {
    const { steps, read } = open();
    steps.addStep('metrics.jsonl', 1, { ä: 1 });
    const offsets = steps.offsets();
    expect(offsets).toEqual({
      ...START_OFFSETS,
      'metrics.jsonl': { bytes: 18, sha256: sha256(read('metrics.jsonl')) },
    });
    expect(Buffer.byteLength(read('metrics.jsonl'))).toBe(18);
    steps.close();
  });

  it('rewind() cuts a line that a kill tore', () => {
    const { steps, directory, read } = open();
    steps.addStep('metrics.jsonl', 1, { a: 1 });
    const offsets = steps.offsets();
    steps.close();
    appendFileSync(join(directory, 'metrics.jsonl'), '{"a":1,"st');
    const resumed = open(directory, true).steps;
    resumed.rewind(offsets);
    resumed.addStep('metrics.jsonl', 2, { a: 2 });
    resumed.sync();
    expect(read('metrics.jsonl')).toBe('{"a":1,"step":1}\n{"a":2,"step":2}\n');
    resumed.close();
  });

  it('rewind() refuses a file that is shorter than its offset, and changes none', () => {
    const { steps, directory, read } = open();
    for (const step of [1, 2]) {
      steps.addStep('metrics.jsonl', step, { a: 1 });
      steps.addStep('timings.jsonl', step, { a: 1 });
    }
    const offsets = steps.offsets();
    steps.close();
    appendFileSync(join(directory, 'metrics.jsonl'), '{"to');
    truncateSync(join(directory, 'timings.jsonl'), 17);
    const resumed = open(directory, true).steps;
    expect(thrownBy(() => resumed.rewind(offsets))).toMatchObject({
      code: 'STEP_FILE_DAMAGED',
      message: expect.stringMatching(
        /timings\.jsonl has 17 bytes, of the 34 that it had/,
      ) as string,
    });
    expect(read('metrics.jsonl')).toHaveLength(38);
    resumed.close();
  });

  it.each([
    [
      'metrics.jsonl',
      /metrics\.jsonl was changed after the checkpoint: one of the lines 1 to 3 \(step 3\)/,
      '"a":2',
      '"a":3',
    ],
    ['metrics.jsonl', /metrics\.jsonl .*: line 2$/, '{"a":2', '{"a":02'],
    ['metrics.jsonl', /metrics\.jsonl .*: line 2$/, '"step":2', '"step":1'],
    ['metrics.jsonl', /metrics\.jsonl .*: line 3$/, '"step":3', '"stop":3'],
    ['timings.jsonl', /timings\.jsonl .*: one of the lines 1 to 3 \(step 3\)/, '"a":1', '"a":9'],
    ['epochs.csv', /epochs\.csv .*: one of the lines 1 to 4/, '2,2', '2,3'],
    ['chain.jsonl', /chain\.jsonl .*: line 3/, '2bbbbbbb2bbbbbbb', '2bbbbbbb2bbbbbba'],
  ])('rewind() refuses a change in %s and says where: %s', (name, says, from, to) => {
    const { steps, directory } = open();
    steps.addDigests(0, WEIGHTS);
    for (const step of [1, 2, 3]) {
      steps.addStep('metrics.jsonl', step, { a: step });
      steps.addStep('timings.jsonl', step, { a: step });
      steps.addEpoch(step, { a: step });
      steps.addDigests(step, { ...DIGESTS, loss: `${step}bbbbbbb`.repeat(2) });
    }
    const offsets = steps.offsets();
    steps.addDigests(4, DIGESTS);
    steps.close();
    const path = join(directory, name);
    writeFileSync(path, readFileSync(path, 'utf8').replace(from, to));
    const before = readAll(directory);

    const resumed = open(directory, true).steps;
    const error = thrownBy(() => resumed.rewind(offsets));
    resumed.close();

    expect(error).toBeInstanceOf(IntegrityError);
    expect(error).toMatchObject({
      code: 'STEP_FILE_DAMAGED',
      message: expect.stringMatching(says) as string,
    });
    expect(readAll(directory)).toEqual(before);
  });

  it.each([
    {},
    { ...START_OFFSETS, 'epochs.csv': 0 },
    { ...START_OFFSETS, 'epochs.csv': { bytes: -1, sha256: sha256('') } },
    { ...START_OFFSETS, 'epochs.csv': { bytes: 0.5, sha256: sha256('') } },
    { ...START_OFFSETS, 'epochs.csv': { bytes: 0, sha256: '' } },
  ])('rewind() refuses the offsets %j', (offsets: object) => {
    const { steps } = open();
    expect(thrownBy(() => steps.rewind({ ...offsets }))).toMatchObject({ code: 'OFFSETS_INVALID' });
    steps.close();
  });

  it('addDigests() goes on with the chain after a rewind', () => {
    const { steps, directory, read } = open();
    steps.addDigests(0, WEIGHTS);
    steps.addDigests(1, DIGESTS);
    const offsets = steps.offsets();
    steps.addDigests(2, DIGESTS);
    steps.sync();
    const whole = read('chain.jsonl');
    steps.close();
    const resumed = open(directory, true).steps;
    resumed.rewind(offsets);
    resumed.addDigests(2, DIGESTS);
    resumed.sync();
    resumed.close();
    expect(read('chain.jsonl')).toBe(whole);
    expect(verifyChain(directory)).toMatchObject({ isIntact: true, count: 3 });
  });

  it('StepFiles records nothing in a resumed run before it knows where it stands', () => {
    const directory = temporaryFolder();
    writeFileSync(join(directory, 'metrics.jsonl'), '{"torn');
    const { steps, read } = open(directory, true);
    expect(() => steps.addStep('metrics.jsonl', 1, {})).toThrow(TypeError);
    expect(() => steps.addEpoch(1, {})).toThrow(TypeError);
    expect(() => steps.offsets()).toThrow(TypeError);
    steps.rewind(START_OFFSETS);
    steps.addStep('metrics.jsonl', 1, {});
    steps.sync();
    expect(read('metrics.jsonl')).toBe('{"step":1}\n');
    steps.close();
  });
});
