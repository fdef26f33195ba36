import { isSecretName, redactArguments, redactSecrets } from '@pixelis/core';

import { machineNames, withoutMachine } from './environment-paths';

/** How the process was started, without secrets, folders of this machine, and names of its user and host. */
export interface ProcessInfo {
  readonly argv: readonly string[];
  /** Options of Node itself. */
  readonly exec_argv: readonly string[];
  /** The variables on which results may depend, by name. */
  readonly variables: Readonly<Record<string, string>>;
}

/** What was given to the process. */
export interface ProcessInput {
  readonly argv: readonly string[];
  readonly env: NodeJS.ProcessEnv;
}

/** Environment variables that are recorded; no other is. */
const ALLOWED = new RegExp(
  `^(?:${[
    'CUDA_(?:VISIBLE_DEVICES|DEVICE_ORDER|LAUNCH_BLOCKING|CACHE_DISABLE|MODULE_LOADING)',
    'CUBLAS_WORKSPACE_CONFIG|CUDNN_[A-Z_]+|NVIDIA_(?:VISIBLE_DEVICES|TF32_OVERRIDE)|HIP_VISIBLE_DEVICES|ROCR_VISIBLE_DEVICES',
    'NCCL_(?:ALGO|PROTO|DEBUG|IB_DISABLE|P2P_DISABLE|SHM_DISABLE)',
    '(?:OMP|KMP|GOMP|MKL|OPENBLAS|BLIS|VECLIB|NUMEXPR)_[A-Z0-9_]+',
    'TF_(?:CPP|ENABLE|DETERMINISTIC|CUDNN|FORCE|GPU|NUM|XLA|USE|DISABLE|INTER|INTRA|CUDA)_[A-Z0-9_]+|TFJS_[A-Z0-9_]+|XLA_FLAGS',
    'NODE_(?:OPTIONS|ENV|NO_WARNINGS)|UV_THREADPOOL_SIZE|PYTHONHASHSEED|MALLOC_ARENA_MAX',
    'TZ|LANG|LANGUAGE|LC_[A-Z]+|SOURCE_DATE_EPOCH',
    'SLURM_(?:JOB_ID|JOB_NUM_NODES|NTASKS|PROCID|LOCALID|NODEID|CPUS_PER_TASK|CPUS_ON_NODE|GPUS_ON_NODE|MEM_PER_NODE|ARRAY_TASK_ID|ARRAY_JOB_ID)',
    'RANK|WORLD_SIZE|LOCAL_RANK|LOCAL_WORLD_SIZE|OMPI_COMM_WORLD_(?:RANK|SIZE|LOCAL_RANK|LOCAL_SIZE)|PMI_(?:RANK|SIZE)',
  ].join('|')})$`,
);

/** What of `argv` and `env` may be published. */
export function readProcess({ argv, env }: ProcessInput): ProcessInfo {
  const names = machineNames();
  const publish = (value: string) => withoutMachine(value, names);
  const variables = Object.entries(env).flatMap(([name, value]): [string, string][] => {
    if (value === undefined || !ALLOWED.test(name) || isSecretName(name)) return [];
    return [[name, publish(redactSecrets(value))]];
  });
  return {
    argv: redactArguments(argv).map((argument, index) =>
      publish(index === 0 ? baseName(argument) : argument),
    ),
    exec_argv: redactArguments(process.execArgv).map(publish),
    variables: Object.fromEntries(variables.sort(([a], [b]) => (a < b ? -1 : 1))),
  };
}

/** Where Node is installed is the machine's affair. */
function baseName(path: string): string {
  return path.split(/[\\/]/).at(-1) ?? path;
}
