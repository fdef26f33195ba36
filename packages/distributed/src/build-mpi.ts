import { runProgram } from '@pixelis/core';
import { buildBinding } from './build-binding';

/** The program of `npx nx run distributed:mpi`. */
void runProgram(async () => {
  const { path, library } = await buildBinding();
  process.stdout.write(`built against ${library}\n${path}\n`);
});
