/** What a scheduler or an MPI launcher says of the job that the process belongs to. */
export interface JobInfo {
  readonly scheduler: 'slurm' | 'pbs' | 'lsf' | 'sge' | null;
  readonly job_id: string | null;
  readonly array_task_id: string | null;
  readonly nodes: number | null;
  readonly cpus_per_task: number | null;
  /** Of this process among all, from 0. */
  readonly rank: number | null;
  /** Of this process on its machine, from 0. */
  readonly local_rank: number | null;
  readonly world_size: number | null;
}

const SCHEDULERS = [
  { scheduler: 'slurm', variable: 'SLURM_JOB_ID' },
  { scheduler: 'pbs', variable: 'PBS_JOBID' },
  { scheduler: 'lsf', variable: 'LSB_JOBID' },
  { scheduler: 'sge', variable: 'SGE_TASK_ID' },
] as const;

/** The job by its environment variables, without the names of machines; null where no variable tells of one. */
export function readJob(env: NodeJS.ProcessEnv): JobInfo | null {
  const found = SCHEDULERS.find(({ variable }) => env[variable] !== undefined);
  const job: JobInfo = {
    scheduler: found?.scheduler ?? null,
    job_id: identifier(env[found?.scheduler === 'sge' ? 'JOB_ID' : (found?.variable ?? '')]),
    array_task_id: identifier(env['SLURM_ARRAY_TASK_ID'] ?? env['PBS_ARRAY_INDEX']),
    nodes: count(env['SLURM_JOB_NUM_NODES']),
    cpus_per_task: count(env['SLURM_CPUS_PER_TASK']),
    rank: firstCount(env, ['RANK', 'OMPI_COMM_WORLD_RANK', 'PMI_RANK', 'SLURM_PROCID']),
    local_rank: firstCount(env, [
      'LOCAL_RANK',
      'OMPI_COMM_WORLD_LOCAL_RANK',
      'MPI_LOCALRANKID',
      'SLURM_LOCALID',
    ]),
    world_size: firstCount(env, ['WORLD_SIZE', 'OMPI_COMM_WORLD_SIZE', 'PMI_SIZE', 'SLURM_NTASKS']),
  };
  return Object.values(job).every((value) => value === null) ? null : job;
}

/** Schedulers add the name of their server: `123.host`. */
function identifier(text: string | undefined): string | null {
  return /^\d+(?:\[\d*\])?/.exec(text ?? '')?.[0] ?? null;
}

function firstCount(env: NodeJS.ProcessEnv, names: readonly string[]): number | null {
  return count(names.map((name) => env[name]).find((value) => value !== undefined));
}

function count(text: string | undefined): number | null {
  return text !== undefined && /^\d{1,9}$/.test(text) ? Number(text) : null;
}
