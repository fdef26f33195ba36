import { runProgram } from '@pixelis/core';
import { readCommandLine } from './command-line';
import { trainSftCommand } from './sft';

const argv = process.argv.slice(2);

void runProgram(
  async () => {
    const command = readCommandLine(argv);
    if (command.kind === 'help') process.stdout.write(command.text);
    else await trainSftCommand(command);
  },
  { json: () => argv.includes('--json') },
);
