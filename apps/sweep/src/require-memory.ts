import { totalmem } from 'node:os';
import { UsageError } from '@pixelis/core';
import { readResourceLimits } from '@pixelis/reproducibility';

const GIBIBYTE = 2 ** 30;

/**
 * Refuses a trial that is said to take more memory than this machine, or the container around this process, has: it could never
 * be kept for one.
 *
 * @param wantedBytes Undefined if nobody says it.
 * @throws {UsageError} `TRIAL_MEMORY_TOO_LARGE`
 */
export function requireMemory(wantedBytes: number | undefined, thereBytes = memoryBytes()): void {
  if (wantedBytes === undefined || wantedBytes <= thereBytes) return;
  const [wanted, there] = [wantedBytes, thereBytes].map((bytes) => (bytes / GIBIBYTE).toFixed(1));
  throw new UsageError(
    `--memory-per-trial is ${wanted} GiB, more than the ${there} GiB of this machine`,
    {
      code: 'TRIAL_MEMORY_TOO_LARGE',
      remedy: 'give less, or run the trials elsewhere with --launcher slurm or ray',
    },
  );
}

function memoryBytes(): number {
  return Math.min(totalmem(), readResourceLimits().memory_bytes ?? Infinity);
}
