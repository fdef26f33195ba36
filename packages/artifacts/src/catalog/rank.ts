import { UsageError } from '@pixelis/core';

/** Where launchers say which process of a job this is: torchrun and its kin, Open MPI, MPICH and Intel MPI, Slurm. */
const VARIABLES = ['RANK', 'OMPI_COMM_WORLD_RANK', 'PMI_RANK', 'SLURM_PROCID'];

/**
 * The rank of this process among those of its job, from 0; 0 outside a job.
 *
 * @throws {UsageError} `RANK_INVALID` if the environment names one that is no number.
 */
export function rankOf(environment: Readonly<Record<string, string | undefined>>): number {
  for (const variable of VARIABLES) {
    const text = environment[variable];
    if (text === undefined || text === '') continue;
    if (/^\d{1,9}$/.test(text)) return Number(text);
    throw new UsageError(`${variable} is ${JSON.stringify(text)}`, {
      code: 'RANK_INVALID',
      remedy: `Set ${variable} to the number of this process among those of its job, from 0, or unset it.`,
    });
  }
  return 0;
}
