import { runProgram } from '@pixelis/core';
import { readCommandLine } from './command-line';

const argv = process.argv.slice(2);

void runProgram(
  async () => {
    const command = readCommandLine(argv);
    if (command.kind === 'help') {
      process.stdout.write(command.text);
      return;
    }
    // Loaded late, so that help and a wrong command line do not wait for TensorFlow.js.
    const { evaluateCommand } = await import('./evaluate.js');
    await evaluateCommand(command);
  },
  { json: () => argv.includes('--json') },
);
