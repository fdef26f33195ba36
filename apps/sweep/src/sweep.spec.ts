import { EnvironmentError } from '@pixelis/core';
import { readCommandLine } from './command-line';
import { requireTrain, sweepCommand } from './sweep';
import { useTemporaryFolder } from '../test/support/temporary-folder';

const fresh = useTemporaryFolder();

describe('requireTrain()', () => {
  it('requireTrain() says how to build the program of a trial that is not built', () => {
    let thrown: unknown;
    try {
      requireTrain('/nowhere/main.js');
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(EnvironmentError);
    expect(thrown).toMatchObject({
      code: 'TRAIN_NOT_BUILT',
      exitCode: 3,
      remedy: 'build it with npx nx run train:build',
    });
  });
});

describe('sweepCommand()', () => {
  it('sweepCommand() shows what the command line should say otherwise', async () => {
    const printed: string[] = [];
    const before = process.stderr.isTTY;
    process.stderr.isTTY = true;
    for (const stream of [process.stdout, process.stderr])
      jest.spyOn(stream, 'write').mockImplementation((text) => printed.push(String(text)) > 0);
    try {
      const argv = ['--grid', 'training.seed=1', '--write-only', '--out', fresh()];
      const command = readCommandLine(argv);
      if (command.kind !== 'sweep') throw new Error('it is a sweep');
      await sweepCommand({ ...command, warnings: ['--old is called --new'] });
    } finally {
      jest.restoreAllMocks();
      process.stderr.isTTY = before;
    }
    expect(printed.join('').match(/--old is called --new/g)).toHaveLength(1);
  });
});
