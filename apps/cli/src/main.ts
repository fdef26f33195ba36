import { runProgram } from '@pixelis/core';
import { runCommandLine } from './run-command-line';

const argv = process.argv.slice(2);

void runProgram(() => runCommandLine(argv), { json: () => argv.includes('--json') });
