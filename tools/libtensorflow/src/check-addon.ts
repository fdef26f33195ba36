import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { EnvironmentError } from '@pixelis/core';
import type { NativeVariant } from '@pixelis/native';
import * as z from 'zod';

/** What {@link checkAddon} tries. */
export interface CheckAddonOptions {
  readonly device: NativeVariant;
  /** The installation; undefined: the binary that the package came with. */
  readonly folder?: string | undefined;
  /** The program that computes. @default this package's */
  readonly program?: string;
}

/** What an addon computed. */
export interface CheckedAddon {
  readonly isUsingGpu: boolean;
  /** A line for each thing that was tried. */
  readonly lines: readonly string[];
}

const lineSchema = z.union([
  z.object({ error: z.string() }),
  z.object({ check: z.string(), says: z.string(), is_using_gpu: z.boolean().optional() }),
]);

/** What an addon that does not compute was last doing. */
const CHECKS = ['load', 'product', 'gradient', 'saved_model'];

/**
 * Tries an addon in a process of its own: a product, a gradient and a SavedModel.
 *
 * @throws {EnvironmentError} `ADDON_CHECK_FAILED` if one of them fails or ends the process.
 */
export function checkAddon({
  device,
  folder,
  program = join(__dirname, 'check-program.js'),
}: CheckAddonOptions): CheckedAddon {
  const child = spawnSync(
    process.execPath,
    [program, device, ...(folder === undefined ? [] : [folder])],
    {
      encoding: 'utf8',
    },
  );
  const lines = child.stdout.split('\n').filter((line) => line.startsWith('{'));
  const reports = lines.map((line) => lineSchema.parse(JSON.parse(line)));
  const done = reports.filter((report) => 'check' in report);
  const failure = reports.find((report) => 'error' in report);
  if (child.status === 0 && done.length === CHECKS.length) {
    const isUsingGpu = done.some(({ is_using_gpu }) => is_using_gpu === true);
    return { isUsingGpu, lines: done.map(({ says }) => says) };
  }
  throw checkFailed(CHECKS[done.length] ?? 'end', {
    reason: failure?.error ?? `the process ended with ${child.signal ?? String(child.status)}`,
    output: child.stderr.trim(),
  });
}

function checkFailed(
  check: string,
  { reason, output }: { reason: string; output: string },
): EnvironmentError {
  const said = output.split('\n').at(-1) ?? '';
  return new EnvironmentError(
    `the linked addon fails in its test (${check}): ${reason}${said === '' ? '' : `; ${said}`}`,
    {
      code: 'ADDON_CHECK_FAILED',
      remedy:
        'a processor without AVX cannot run TensorFlow; else try another --version, or see everything with DEBUG=1 and TF_CPP_MIN_LOG_LEVEL=0',
      cause: new Error(output),
    },
  );
}
