import { spawnSync } from 'node:child_process';
import { useTemporaryFolder } from '../support/temporary-folder';
import { MAIN, tiny, train } from '../support/train-program';

const temporaryFolder = useTemporaryFolder();

/** Python makes a terminal wherever it runs on a system that has them. */
const PTY = 'import os, pty, sys; sys.exit(os.waitstatus_to_exitcode(pty.spawn(sys.argv[1:])))';
const hasPty =
  spawnSync('python3', ['-c', 'import pty, os; os.waitstatus_to_exitcode']).status === 0;

describe('train sft where stderr is no terminal', () => {
  it.each(['wasm', 'reference'])(
    'logs nothing but JSON where that is asked for: %s',
    async (backend) => {
      const args = ['sft', ...tiny(), '--log-format', 'json', '--backend', backend];
      const { code, stderr } = await train(args, { cwd: temporaryFolder() });

      expect(code).toBe(0);
      const lines = stderr.trimEnd().split('\n');
      for (const line of lines) expect(JSON.parse(line)).toHaveProperty('message');
      expect(stderr).toContain('step 8/8');
    },
  );
});

if (hasPty) {
  describe('train sft on a terminal', () => {
    it('shows a bar with time left, loss, accuracy, stage and images a second', () => {
      const { status, stdout } = trainOnTerminal({ columns: 160 });

      expect(status).toBe(0);
      expect(stdout).toMatch(
        /train [█░]+ 8\/8 \| 0:00 left \| loss \d+\.\d+ \| val accuracy simple \d+% medium \d+% \| stage second \| \d+ images\/s/,
      );
      expect(stdout).toMatch(/weights_sha256 {2}[0-9a-f]{64}/);
    });

    it('shows what there is room for on a narrow one', () => {
      const { status, stdout } = trainOnTerminal({ columns: 60 });

      expect(status).toBe(0);
      expect(stdout).toMatch(/train [█░]{12} 8\/8 \| 0:00 left \| loss \d+\.\d+(?! \|)/);
    });
  });
}

// Helpers

function trainOnTerminal({ columns }: { columns: number }) {
  const resized = ['sh', '-c', `stty cols ${columns}; exec "$@"`, 'sh'];
  return spawnSync('python3', ['-c', PTY, ...resized, process.execPath, MAIN, 'sft', ...tiny()], {
    cwd: temporaryFolder(),
    encoding: 'utf8',
    timeout: 50_000,
    env: { ...process.env, TERM: 'xterm' },
  });
}
