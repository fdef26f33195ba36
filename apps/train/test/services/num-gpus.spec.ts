import { useTemporaryFolder } from '../support/temporary-folder';
import { runsOf, tiny, train } from '../support/train-program';
import { expectWhole, filesOf } from '../support/whole-run';

const temporaryFolder = useTemporaryFolder();
const shards = { 'training.shards': '4' };

describe('train sft hardware.num_gpus=N', () => {
  it.each(['2', '3'])('gives the files of one process on %s', async (processes) => {
    const cwd = temporaryFolder();
    const out = `${cwd}/out`;
    for (const [runId, count] of [
      ['alone', '0'],
      ['shared', processes],
    ] as const) {
      const settings = tiny({ ...shards, 'hardware.num_gpus': count });
      const { code, stderr } = await train(['sft', '--run-id', runId, ...settings], { cwd });
      expect({ code, stderr }).toMatchObject({ code: 0 });
    }
    await expectWhole(out, { runId: 'shared', reference: filesOf(out, 'alone') });
  });

  it('goes on with another number of processes where an interruption left it, to the same files', async () => {
    const cwd = temporaryFolder();
    const out = `${cwd}/out`;
    const one = tiny(shards);
    expect(await train(['sft', '--run-id', 'alone', ...one], { cwd })).toMatchObject({ code: 0 });
    const two = ['sft', '--run-id', 'shared', ...tiny({ ...shards, 'hardware.num_gpus': '2' })];
    expect(await train([...two, '--stop-after', '4'], { cwd })).toMatchObject({ code: 0 });
    expect(await train(['sft', '--run-id', 'shared', ...one], { cwd })).toMatchObject({ code: 0 });
    await expectWhole(out, { runId: 'shared', reference: filesOf(out, 'alone') });
  });

  it('starts no process where the world would have another size', async () => {
    const cwd = temporaryFolder();
    const env = { OMPI_COMM_WORLD_RANK: '0', OMPI_COMM_WORLD_SIZE: '2' };
    const ending = await train(['sft', ...tiny({ 'hardware.num_gpus': '3', ...shards })], {
      cwd,
      env,
    });
    expect(ending.code).toBe(2);
    expect(ending.stderr).toMatch(/hardware\.num_gpus is 3, but this is one of 2 processes/);
    expect(runsOf(`${cwd}/out`)).toEqual([]);
  });
});
