import { existsSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { useTemporaryFolder } from '../support/temporary-folder';
import { runsOf, tiny, train } from '../support/train-program';

const temporaryFolder = useTemporaryFolder();

describe('train sft --log-mlflow', () => {
  it.each([
    [['--log-mlflow', 'ftp://127.0.0.1'], /mlflow:ftp/],
    [['--log-mlflow', 'http://127.0.0.1:5000', '--offline'], /--offline/],
  ])('refuses %j before a run begins', async (options, says) => {
    const cwd = temporaryFolder();
    const { code, stderr } = await train(['sft', ...tiny(), ...options], { cwd });
    expect({ code, runs: runsOf(join(cwd, 'out')) }).toEqual({ code: 2, runs: [] });
    expect(stderr).toMatch(says);
  });

  it('ends with 6 and the command that makes up for it where there is no server, the run complete', async () => {
    const cwd = temporaryFolder();
    const address = `http://127.0.0.1:${await unusedPort()}`;
    const args = ['sft', '--run-id', 'alone', '--json', '--log-mlflow', address];
    const { code, stdout, stderr } = await train([...args, ...tiny()], { cwd });
    const remedy = `npx --no pixelis sync alone --to mlflow:${address}`;
    expect(code).toBe(6);
    expect(stderr).toContain(`remedy: ${remedy}\n`);
    expect(JSON.parse(stdout)).toMatchObject({
      error: { code: 'TRACKER_FAILED', remedy, exit_code: 6 },
    });
    expect(existsSync(join(cwd, 'out/runs/alone/manifest.json'))).toBe(true);
  });
});

// Helpers

/** A port of this machine on which nobody listens. */
async function unusedPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
