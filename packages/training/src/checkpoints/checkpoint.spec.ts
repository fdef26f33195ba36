import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { DataError, IntegrityError } from '@pixelis/core';
import { useTemporaryFolder } from '../../test/support/temporary-folder';
import { thrownBy } from '../../test/support/thrown-by';
import {
  type Checkpoint,
  checkpointPath,
  encodeCheckpoint,
  listCheckpoints,
  readNewestCheckpoint,
} from './checkpoint';
import { encodeSafetensors } from './safetensors';

const temporaryFolder = useTemporaryFolder();

describe('checkpointPath()', () => {
  it('sorts as its steps do', () => {
    expect([9, 10, 100, 2].map(checkpointPath).sort()).toEqual([2, 9, 10, 100].map(checkpointPath));
    expect(checkpointPath(7)).toBe('checkpoints/step-00000007.safetensors');
  });
});

describe('listCheckpoints()', () => {
  it('lists checkpoints from the oldest, and neither final weights nor half-written files', () => {
    const run = temporaryFolder();
    for (const step of [100, 20, 3]) save(run, checkpointOf(step));
    for (const name of ['final', 'step-00000200.safetensors.1.tmp', 'step-7'])
      writeFileSync(join(run, 'checkpoints', `${name}.safetensors`), '');
    mkdirSync(join(run, checkpointPath(500)));

    expect(listCheckpoints(run)).toEqual([3, 20, 100].map(checkpointPath));
  });

  it('lists none where a run was killed before its first', () => {
    expect(listCheckpoints(temporaryFolder())).toEqual([]);
    expect(readNewestCheckpoint(temporaryFolder())).toBeUndefined();
  });

  it('refuses a file in the place of the folder', () => {
    const run = temporaryFolder();
    writeFileSync(join(run, 'checkpoints'), '');

    expect(thrownBy(() => listCheckpoints(run))).toBeInstanceOf(DataError);
  });
});

describe('readNewestCheckpoint()', () => {
  it('gives back the newest one whole', () => {
    const run = temporaryFolder();
    save(run, checkpointOf(9));
    save(run, checkpointOf(10));

    expect(readNewestCheckpoint(run)).toEqual(checkpointOf(10));
  });

  it('knows a step of nine digits from one of eight', () => {
    const run = temporaryFolder();
    save(run, checkpointOf(100_000_000));
    save(run, checkpointOf(99_999_999));

    expect(readNewestCheckpoint(run)).toMatchObject({ step: 100_000_000 });
  });

  it('keeps a step of its own from a state that has one too', () => {
    const run = temporaryFolder();
    save(run, { ...checkpointOf(4), state: { step: 99, epoch: 1 } });

    expect(readNewestCheckpoint(run)).toMatchObject({ step: 4, state: { epoch: 1 } });
  });

  it('refuses a newest one in which any byte differs, rather than take an older one', () => {
    const run = temporaryFolder();
    save(run, checkpointOf(1));
    const whole = encodeCheckpoint(checkpointOf(2));
    for (let at = 0; at < whole.length; at += 3) {
      const damaged = Uint8Array.from(whole);
      damaged[at] = damaged[at]! ^ 0x10;
      writeFileSync(join(run, checkpointPath(2)), damaged);

      const error = thrownBy(() => readNewestCheckpoint(run));
      expect(error).toBeInstanceOf(IntegrityError);
      expect(error).toMatchObject({ code: 'CHECKPOINT_BROKEN', exitCode: 5 });
    }
  });

  it.each([
    ['is cut short', encodeCheckpoint(checkpointOf(2)).subarray(0, 100)],
    ['is empty', new Uint8Array()],
    ['is another safetensors file', encodeSafetensors(checkpointOf(2).parameters)],
    ['has no step', encodeSafetensors({}, { 'pixelis.state': '{}' })],
  ])('names the file where it %s', (_, bytes) => {
    const run = temporaryFolder();
    save(run, checkpointOf(2));
    writeFileSync(join(run, checkpointPath(2)), bytes);

    const error = thrownBy(() => readNewestCheckpoint(run));
    expect(error).toBeInstanceOf(IntegrityError);
    expect(error).toMatchObject({
      code: 'CHECKPOINT_BROKEN',
      message: expect.stringContaining('step-00000002.safetensors') as string,
    });
  });
});

describe('encodeCheckpoint()', () => {
  it('writes equal bytes for equal checkpoints', () => {
    const { parameters, ...rest } = checkpointOf(3);
    const reversed = Object.fromEntries(Object.entries(parameters).reverse());

    expect(encodeCheckpoint({ ...rest, parameters: reversed })).toEqual(
      encodeCheckpoint(checkpointOf(3)),
    );
  });

  it('writes a file that others can read the weights from', () => {
    const run = temporaryFolder();
    save(run, checkpointOf(3));

    const text = readFileSync(join(run, checkpointPath(3)), 'latin1');
    expect(text).toContain('"model.b.weight":{"data_offsets":');
    expect(text).toContain('"optimizer.m.b.weight":{"data_offsets":');
    expect(text).toContain('"optimizer.v.b.weight":{"data_offsets":');
  });
});

// Helpers

function checkpointOf(step: number): Checkpoint {
  const tree = (start: number) => ({
    'b.weight': { shape: [2, 2], data: Float32Array.of(start, start + 0.5, -start, 1e-30) },
    a: { shape: [], data: Float32Array.of(start) },
  });
  return {
    step,
    parameters: tree(1),
    firstMoments: tree(2),
    secondMoments: tree(3),
    state: { loader: { epoch: 0, batch: step }, files: { 'metrics.jsonl': 100 } },
  };
}

function save(run: string, checkpoint: Checkpoint): void {
  const path = join(run, checkpointPath(checkpoint.step));
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, encodeCheckpoint(checkpoint));
}
