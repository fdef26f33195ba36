import { join } from 'node:path';
import { ArtifactManager, auditRun, listRuns } from '@pixelis/artifacts';
import { evaluate, startEvaluate, trainTiny } from '../support/programs';
import { useTemporaryFolder } from '../support/temporary-folder';

const temporaryFolder = useTemporaryFolder();

describe('evaluate that is stopped', () => {
  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)(
    'by %s ends with %i and a failed run, which the same command goes on with',
    async (signal, code) => {
      const cwd = temporaryFolder();
      const root = join(cwd, 'out');
      await trainTiny(cwd);
      const args = [
        '--benchmark',
        'digits-simple',
        'training.test_examples=3000',
        '--run-id',
        'stopped',
      ];
      const running = startEvaluate(args, cwd);
      await running.until('measuring simple');
      running.child.kill(signal);
      const ending = await running.ending;

      expect(ending).toMatchObject({ code, stdout: '' });
      expect(ending.stderr).toMatch(
        new RegExp(`\nerror: interrupted by ${signal}.*\nremedy: .+\n$`),
      );
      const [run] = listRuns(root, { status: ['FAILED'] });
      expect(run).toMatchObject({ runId: 'stopped', error: { code: 'INTERRUPTED' } });
      const artifacts = ArtifactManager.open({ root });
      expect(artifacts.list({ type: 'evaluation' })).toEqual([]);
      const fact = artifacts.runFacts().find(({ run: { runId } }) => runId === 'stopped');
      expect(fact).toMatchObject({ status: 'FAILED', produced: [] });

      const again = await evaluate([...args, '--json'], cwd);
      expect(again.code).toBe(0);
      expect(JSON.parse(again.stdout)).toMatchObject({ run_id: 'stopped', status: 'COMPLETED' });
      expect(await auditRun(join(root, 'runs', 'stopped'))).toMatchObject({ isIntact: true });
      expect(artifacts.list({ type: 'evaluation' })).toHaveLength(1);
    },
  );
});
