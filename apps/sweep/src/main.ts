import { warningLines } from '@pixelis/config';
import { runProgram } from '@pixelis/core';
import { readCommandLine } from './command-line';
import { sweepCommand } from './sweep';

const argv = process.argv.slice(2);

void runProgram(
  async () => {
    const command = readCommandLine(argv);
    if (command.kind === 'sweep') {
      await sweepCommand(command);
      return;
    }
    process.stderr.write(warningLines(command.warnings));
    process.stdout.write(command.text);
  },
  { json: () => argv.includes('--json') },
);
