import { warningLines } from '@pixelis/config';
import { runProgram } from '@pixelis/core';
import { isRootProcess } from '@pixelis/distributed';
import { readCommandLine } from './command-line';

const argv = process.argv.slice(2);

void runProgram(
  async () => {
    const command = readCommandLine(argv);
    if (command.kind === 'text') {
      process.stderr.write(warningLines(command.warnings));
      process.stdout.write(command.text);
      return 0;
    }
    // Loaded late, so that help and a wrong command line do not wait for TensorFlow.js.
    const { trainSftCommand } = await import('./sft.js');
    return trainSftCommand(command);
  },
  { json: () => argv.includes('--json') && isRootProcess(process.env) },
);
