import { appendFileSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { IntegrityError } from '@pixelis/core';
import { useTemporaryFolder } from '../../test/temporary-folder';
import { thrownBy } from '../../test/thrown-by';
import { START_OFFSETS, StepFiles } from './step-files';

const temporaryFolder = useTemporaryFolder();

function open(directory = temporaryFolder(), isRewindNeeded = false) {
  const steps = new StepFiles(directory, { isRewindNeeded });
  return { steps, read: (name: string) => readFileSync(join(directory, name), 'utf8'), directory };
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

  it('offsets() gives lengths of what is in the files', () => {
    const { steps, read } = open();
    steps.addStep('metrics.jsonl', 1, { ä: 1 });
    const offsets = steps.offsets();
    expect(offsets).toEqual({ 'metrics.jsonl': 18, 'timings.jsonl': 0, 'epochs.csv': 0 });
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
    const offsets = { ...steps.offsets(), 'metrics.jsonl': 17 };
    steps.close();
    truncateSync(join(directory, 'timings.jsonl'), 17);
    const resumed = open(directory, true).steps;
    expect(thrownBy(() => resumed.rewind(offsets))).toMatchObject({ code: 'STEP_FILE_DAMAGED' });
    expect(read('metrics.jsonl')).toHaveLength(34);
    resumed.close();
  });

  it('rewind() refuses an offset inside a line', () => {
    const { steps } = open();
    steps.addStep('metrics.jsonl', 1, { a: 1 });
    expect(() => steps.rewind({ ...START_OFFSETS, 'metrics.jsonl': 5 })).toThrow(IntegrityError);
    steps.close();
  });

  it.each([{}, { ...START_OFFSETS, 'epochs.csv': -1 }, { ...START_OFFSETS, 'epochs.csv': 0.5 }])(
    'rewind() refuses the offsets %j',
    (offsets: Record<string, number>) => {
      const { steps } = open();
      expect(thrownBy(() => steps.rewind(offsets))).toMatchObject({ code: 'OFFSETS_INVALID' });
      steps.close();
    },
  );

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
