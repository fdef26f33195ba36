import { spawnSync } from 'node:child_process';

/** Starting the driver takes seconds on a machine that keeps it unloaded. */
const TIMEOUT_MS = 5000;
const BYTES_PER_MIB = 1024 * 1024;

/** A graphics processor. */
export interface Gpu {
  readonly name: string;
  /** Null where the driver does not tell, as for memory that is shared with the processor. */
  readonly memory_bytes: number | null;
}

/** The graphics processors that the NVIDIA driver sees. */
export interface GpuInfo {
  readonly devices: readonly Gpu[];
  readonly driver: string | null;
  /** Newest CUDA version that the driver supports, such as `12.4`. */
  readonly cuda_version: string | null;
}

/** Options of {@link readGpuInfo}. */
export interface ReadGpuInfoOptions {
  /** Its `PATH` says where `nvidia-smi` is. @default the environment of the process */
  readonly env?: NodeJS.ProcessEnv;
}

/** Asks `nvidia-smi`; null where there is none, no device, or no answer within five seconds. */
export function readGpuInfo({ env = process.env }: ReadGpuInfoOptions = {}): GpuInfo | null {
  const query = ['--query-gpu=name,memory.total,driver_version', '--format=csv,noheader,nounits'];
  const rows = ask(query, env)
    ?.split('\n')
    .filter((row) => row.trim() !== '');
  if (rows === undefined || rows.length === 0) return null;
  const cells = rows.map((row) => row.split(',').map((cell) => cell.trim()));
  return {
    devices: cells.map(([name = '', mebibytes = '']) => ({
      name,
      memory_bytes: /^\d+$/.test(mebibytes) ? Number(mebibytes) * BYTES_PER_MIB : null,
    })),
    driver: cells[0]?.[2] ?? null,
    cuda_version: /CUDA (?:UMD )?Version\s*:\s*(\d+\.\d+)/.exec(ask([], env) ?? '')?.[1] ?? null,
  };
}

function ask(commandArguments: readonly string[], env: NodeJS.ProcessEnv): string | undefined {
  const { status, stdout } = spawnSync('nvidia-smi', commandArguments, {
    encoding: 'utf8',
    env,
    timeout: TIMEOUT_MS,
    windowsHide: true,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  return status === 0 ? stdout : undefined;
}
