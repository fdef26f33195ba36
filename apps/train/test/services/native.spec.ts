import { useTemporaryFolder } from '../support/temporary-folder';
import { runFile, tiny, train } from '../support/train-program';
import { expectWhole, filesOf } from '../support/whole-run';

const temporaryFolder = useTemporaryFolder();

describe('train sft --backend cpu', () => {
  it.each([
    ['as it is', []],
    ['with --deterministic', ['--deterministic']],
  ])('gives the same files twice: %s', async (_, options) => {
    const cwd = temporaryFolder();
    const out = `${cwd}/out`;
    for (const runId of ['first', 'second']) {
      const args = ['sft', '--backend', 'cpu', '--run-id', runId, ...options, ...tiny()];
      const { code, stderr } = await train(args, { cwd });
      expect({ code, stderr }).toMatchObject({ code: 0 });
      expect(stderr).toMatch(/backend cpu \(TensorFlow \d+\.\d+/);
    }

    await expectWhole(out, { runId: 'second', reference: filesOf(out, 'first') });
    const manifest: unknown = JSON.parse(runFile(out, 'first', 'manifest.json').toString());
    expect(manifest).toMatchObject({ backend: { name: 'cpu' }, status: 'COMPLETED' });
  });

  it('compiles its steps, in bfloat16 too, and goes on where it was stopped to the same files', async () => {
    const cwd = temporaryFolder();
    const out = `${cwd}/out`;
    const settings = tiny({
      'training.shards': '1',
      'training.compile': 'true',
      'training.precision': 'bf16',
    });
    for (const options of [
      ['--run-id', 'whole'],
      ['--run-id', 'resumed', '--stop-after', '4'],
      ['--run-id', 'resumed'],
    ]) {
      const args = ['sft', '--backend', 'cpu', ...options, ...settings];
      const { code, stderr } = await train(args, { cwd, timeoutMs: 250_000 });
      expect({ code, stderr }).toMatchObject({ code: 0 });
      expect(stderr).not.toContain('not compiled');
    }
    await expectWhole(out, { runId: 'resumed', reference: filesOf(out, 'whole') });
  }, 800_000);
});
