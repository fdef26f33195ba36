import { createInterface } from 'node:readline';
import { EnvironmentError, runProgram } from '@pixelis/core';
import { loadBackend } from '@pixelis/training';
import { sideSchema } from './side';
import { VitStep } from './vit-step';

/** Why the steps run without being compiled. */
interface Fallback {
  readonly op: string;
  readonly message: string;
}

/** Takes steps of the side named by its argument, as many as each line that it reads says, and prints their milliseconds. */
void runProgram(
  async () => {
    const side = sideSchema.parse(JSON.parse(process.argv[2] ?? 'null'));
    const { model, backend, threads, shards, isCompiled, precision } = side;
    const isNative = backend === 'cpu' || backend === 'gpu';
    const { description } = await loadBackend(backend, isNative ? { threads } : {});
    let fallback: Fallback | undefined;
    const step = VitStep.make(model, {
      shards,
      threads: backend === 'wasm' ? threads : 1,
      isCompiled,
      precision,
      onFallback: (reason) => (fallback = reason),
    });
    console.log(JSON.stringify(description));
    for await (const line of createInterface({ input: process.stdin })) {
      const milliseconds = await step.steps(Number(line));
      if (fallback !== undefined) throw notCompiled(fallback);
      console.log(JSON.stringify(milliseconds));
    }
    await step.dispose();
  },
  { json: () => true },
);

function notCompiled({ op, message }: Fallback): EnvironmentError {
  return new EnvironmentError(`The step was not compiled: ${op}: ${message}`, {
    code: 'STEP_NOT_COMPILED',
    remedy: 'leave out --compile',
  });
}
