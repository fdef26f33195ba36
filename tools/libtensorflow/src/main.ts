import { runProgram } from '@pixelis/core';
import { readArguments } from './command-line';
import { install, type InstallResult } from './install';
import { createProgress } from './progress';
import { uninstall, type UninstallResult } from './uninstall';

const argv = process.argv.slice(2);

void runProgram(
  async () => {
    const options = readArguments(argv);
    if (options === undefined) return;
    const progress = createProgress(process.stderr);
    endOnSignals((line) => progress.say(line));
    const result = options.isUninstall
      ? uninstall(options.variant)
      : await install(options, progress);
    for (const line of describe(result)) progress.say(line);
    if (options.isJson) process.stdout.write(`${JSON.stringify(asJson(result))}\n`);
  },
  { json: () => argv.includes('--json') },
);

function describe(result: InstallResult | UninstallResult): string[] {
  const { variant, status, folder } = result;
  switch (status) {
    case 'removed':
      return [`removed the native library (${variant}) from ${folder}`];
    case 'absent':
      return [`there is no native library (${variant}) in ${folder}`];
    case 'package':
      return [
        `the binary that the package came with works (TensorFlow ${result.tensorflowVersion}, ${folder}): nothing is installed; --relink installs all the same`,
        next(variant),
      ];
    default:
      return [
        `${{ kept: 'TensorFlow is installed already', linked: 'linked again', installed: 'installed' }[status]}: TensorFlow ${result.tensorflowVersion} (${variant}) in ${folder}`,
        ...gpuNote(result),
        next(variant),
      ];
  }
}

function gpuNote({ variant, isUsingGpu }: InstallResult): string[] {
  if (variant === 'cpu' || isUsingGpu) return [];
  return [
    'note: TensorFlow finds no GPU here, so it was tried on the CPU; --backend gpu needs a GPU of NVIDIA and its driver (nvidia-smi shows both)',
  ];
}

function next(variant: string): string {
  return `next: npx nx run train:sft -- --backend ${variant}`;
}

function asJson(result: InstallResult | UninstallResult): Record<string, unknown> {
  const { variant, status, folder } = result;
  if (!('tensorflowVersion' in result)) return { variant, status, folder };
  const { tensorflowVersion: tensorflow_version, isUsingGpu: is_using_gpu } = result;
  return { variant, status, tensorflow_version, folder, is_using_gpu };
}

/** What is done by then is kept, so the same command goes on from there. */
function endOnSignals(say: (line: string) => void): void {
  for (const [signal, exitCode] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const) {
    process.once(signal, () => {
      say(`error: interrupted by ${signal}: what was fetched and unpacked is kept`);
      say('remedy: run the same command again to go on');
      process.exit(exitCode);
    });
  }
}
