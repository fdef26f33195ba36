import { EnvironmentError, UsageError } from '@pixelis/core';
import { LinePeer } from './line-peer';

const remedy = 'install it';

/** A peer that is a program in JavaScript. */
function start(program: string): Promise<LinePeer> {
  return LinePeer.start({ program: process.execPath, args: ['-e', program], remedy });
}

describe('LinePeer', () => {
  it('asks for steps, and gives their milliseconds', async () => {
    const peer = await start(`
      console.log(JSON.stringify('ready'));
      process.stdin.on('data', (line) => console.log(JSON.stringify([Number(line), 0.5])));
    `);
    expect(peer.description).toBe('ready');
    await expect(peer.steps(3)).resolves.toEqual([3, 0.5]);
    peer.stop();
  });

  it('says what the process said last where it does not start', async () => {
    const starting = start('console.error("no module named torch"); process.exit(1)');
    await expect(starting).rejects.toMatchObject({
      code: 'PEER_MISSING',
      message: expect.stringContaining('no module named torch') as string,
      remedy,
    });
  });

  it.each([
    [3, EnvironmentError],
    [2, UsageError],
    [1, Error],
  ])('gives back a failure that ends in exit %i', async (exitCode, kind) => {
    const error = { code: 'X', message: 'no card', remedy: 'buy one', exit_code: exitCode };
    const starting = start(`console.log(${JSON.stringify(JSON.stringify({ error }))})`);
    await expect(starting).rejects.toThrow('no card');
    await expect(starting).rejects.toBeInstanceOf(kind);
  });

  it('refuses to wait for a process that has ended', async () => {
    const peer = await start(
      'console.log("{}"); process.stdin.once("data", () => process.exit(0))',
    );
    await expect(peer.steps(1)).rejects.toThrow('has stopped');
  });
});
