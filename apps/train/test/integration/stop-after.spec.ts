import { join } from 'node:path';
import { useTemporaryFolder } from '../support/temporary-folder';
import { runFile, tiny, train } from '../support/train-program';

const temporaryFolder = useTemporaryFolder();

describe('train sft --stop-after', () => {
  it('leaves what a whole run records up to there, and goes on to its end', async () => {
    const cwd = temporaryFolder();
    const out = join(cwd, 'out');
    const whole = await train(['sft', ...tiny(), '--run-id', 'whole'], { cwd });
    const args = ['sft', ...tiny(), '--run-id', 'part'];
    const stopped = await train([...args, '--stop-after', '4', '--json'], { cwd });
    const part = runFile(out, 'part', 'metrics.jsonl').toString();
    const resumed = await train(args, { cwd });

    expect([whole.code, stopped.code, resumed.code]).toEqual([0, 0, 0]);
    expect(JSON.parse(stopped.stdout)).toEqual({
      run_id: 'part',
      run_dir: 'out/runs/part',
      status: 'STOPPED',
      step: 4,
    });
    const metrics = runFile(out, 'whole', 'metrics.jsonl').toString();
    expect(part).toBe(`${metrics.split('\n').slice(0, 4).join('\n')}\n`);
    expect(runFile(out, 'part', 'metrics.jsonl').toString()).toBe(metrics);
  });

  it.each(['0', '9'])('refuses step %s of a run of 8 before anything is written', async (step) => {
    const cwd = temporaryFolder();
    const { code, stderr } = await train(['sft', ...tiny(), '--stop-after', step], { cwd });
    expect(code).toBe(2);
    expect(stderr).toMatch(
      /--stop-after is [09], but the run has the steps 1 to 8\nremedy: use --stop-after from 1 to 8,/,
    );
  });
});
