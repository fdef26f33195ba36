import { UsageError } from '@pixelis/core';
import type { RankNumbers } from './world';

/** Environment variables by which a starter of MPI programs tells a process its numbers. */
const STARTERS = [
  // mpirun of Open MPI, and srun of Slurm with an Open MPI that sets them.
  ['OMPI_COMM_WORLD_RANK', 'OMPI_COMM_WORLD_SIZE', 'OMPI_COMM_WORLD_LOCAL_RANK'],
  // mpirun of MPICH and of those derived from it.
  ['PMI_RANK', 'PMI_SIZE', 'MPI_LOCALRANKID'],
  // srun; sbatch alone sets SLURM_PROCID too, but not the number of tasks of a step.
  ['SLURM_PROCID', 'SLURM_STEP_NUM_TASKS', 'SLURM_LOCALID'],
] as const;

/** The environment of a process, as `process.env` is. */
export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Which of how many processes this one was started as, by `mpirun` or `srun`; `undefined` where it is alone. It reads
 * variables only: MPI is not needed.
 *
 * @throws {UsageError} `WORLD_UNREADABLE` if a variable is not a number that it can be.
 */
export function worldPlaceOf(environment: Environment): RankNumbers | undefined {
  for (const [rankName, sizeName, localName] of STARTERS) {
    const size = numberOf(environment, sizeName);
    const rank = numberOf(environment, rankName);
    if (size === undefined || rank === undefined) continue;
    if (rank >= size) throw unreadable(rankName, environment[rankName] ?? '');
    return size === 1
      ? undefined
      : { rank, size, localRank: numberOf(environment, localName) ?? rank };
  }
  return undefined;
}

/** Whether this process is rank 0 or alone: who prints. A process whose place cannot be read counts as alone. */
export function isRootProcess(environment: Environment): boolean {
  try {
    return (worldPlaceOf(environment)?.rank ?? 0) === 0;
  } catch {
    return true;
  }
}

function numberOf(environment: Environment, name: string): number | undefined {
  const text = environment[name];
  if (text === undefined) return undefined;
  if (!/^\d{1,9}$/.test(text)) throw unreadable(name, text);
  return Number(text);
}

function unreadable(name: string, text: string): UsageError {
  return new UsageError(`Environment variable ${name} is "${text}", which is no place in a world`, {
    code: 'WORLD_UNREADABLE',
    remedy: `unset ${name}, or start the program by mpirun or srun, which set it`,
  });
}
