import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { manifestOf, sweep, SweepProgram } from '../support/sweep-program';
import { useTemporaryFolder } from '../support/temporary-folder';

const fresh = useTemporaryFolder();

const COMMAND = ['--grid', 'training.seed=1,2', '--tag', 'seeds', '--jobs', '1'];

/** The sweep as it ends when nothing interrupts it. */
let reference: { readonly table: string; readonly manifest: unknown };

beforeAll(async () => {
  const cwd = fresh();
  const { stdout } = await sweep(COMMAND, cwd);
  reference = { table: stdout, manifest: manifestOf(cwd, 'seeds') };
}, 120_000);

/** The second trial has begun, so that the first is done. */
function isMidway(cwd: string): () => boolean {
  return () => existsSync(join(cwd, 'out', 'runs', 'seeds-0002', 'run.json'));
}

describe('sweep', () => {
  it('sweep ends with the same table and weights after kill -9 of the driver', async () => {
    const cwd = fresh();
    const program = new SweepProgram(COMMAND, cwd);
    await program.until(isMidway(cwd));
    program.child.kill('SIGKILL');
    await program.ending;
    const { code, stdout, stderr } = await sweep(COMMAND, cwd);
    expect({ code, stdout }).toEqual({ code: 0, stdout: reference.table });
    expect(stderr).not.toContain('trial 0001 runs');
    expect(manifestOf(cwd, 'seeds')).toEqual(reference.manifest);
  });

  it('sweep ends with the same table and weights after kill -9 of all of its processes', async () => {
    const cwd = fresh();
    const program = new SweepProgram(COMMAND, cwd);
    await program.until(isMidway(cwd));
    for (const pid of [program.child.pid, ...program.trialPids('seeds')])
      if (pid !== undefined) process.kill(pid, 'SIGKILL');
    expect((await program.ending).code).toBeNull();
    const { code, stdout, stderr } = await sweep(COMMAND, cwd);
    expect({ code, stdout }).toEqual({ code: 0, stdout: reference.table });
    expect(stderr).not.toContain('trial 0001 runs');
    expect(manifestOf(cwd, 'seeds')).toEqual(reference.manifest);
  });

  it('sweep that is interrupted keeps everything, says how to go on, and does', async () => {
    const cwd = fresh();
    const program = new SweepProgram(COMMAND, cwd);
    await program.until(isMidway(cwd));
    program.child.kill('SIGINT');
    const { code, stderr } = await program.ending;
    expect(code).toBe(130);
    expect(stderr).toContain('remedy: repeat the command with --tag seeds to go on');
    expect(program.trialPids('seeds')).toEqual([]);
    const again = await sweep(COMMAND, cwd);
    expect(again).toMatchObject({ code: 0, stdout: reference.table });
    expect(manifestOf(cwd, 'seeds')).toEqual(reference.manifest);
  });
});
