import { spawnSync } from 'node:child_process';

/** A program that a native backend is installed or started with. */
export interface ToolProbe {
  readonly name: 'compiler' | 'python' | 'pip' | 'mpirun' | 'mpicxx';
  /** What it is needed for. */
  readonly purpose: string;
  /** What is called, such as `python3`; null where none was found. */
  readonly command: string | null;
  /** The first line of what it says of its version; null where it was not found or fails. */
  readonly version: string | null;
  /** How to get it; null where it is there. */
  readonly remedy: string | null;
}

/** Options of {@link probeTools}. */
export interface ProbeToolsOptions {
  /** Its `PATH` says where they are. @default the environment of the process */
  readonly env?: NodeJS.ProcessEnv;
}

interface Tool extends Pick<ToolProbe, 'name' | 'purpose'> {
  /** The commands that would do, the best first. */
  readonly commands: readonly (readonly [string, ...string[]])[];
  readonly remedy: string;
}

const TIMEOUT_MS = 10_000;
const INSTALLING = 'to install backend cpu or gpu';
const SEVERAL_DEVICES = 'for several devices or machines';

/** Looks for what the native backends are installed with, and for MPI. None of it is needed for `wasm` and `webgpu`. */
export function probeTools({ env = process.env }: ProbeToolsOptions = {}): ToolProbe[] {
  return toolsOf(env).map(({ name, purpose, commands, remedy }) => {
    for (const [command, ...args] of commands) {
      const version = versionOf([command, ...args], env);
      if (version !== null) return { name, purpose, command, version, remedy: null };
    }
    return { name, purpose, command: null, version: null, remedy };
  });
}

function toolsOf(env: NodeJS.ProcessEnv): Tool[] {
  const chosen = env['CXX']?.trim();
  const compilers = chosen ? [chosen] : ['c++', 'g++', 'clang++'];
  const pythons = process.platform === 'win32' ? ['python', 'py'] : ['python3', 'python'];
  return [
    {
      name: 'compiler',
      purpose: INSTALLING,
      commands: compilers.map((command) => commandOf(`${command} --version`)),
      remedy: 'a C++17 compiler: apt-get install g++, or on macOS xcode-select --install',
    },
    {
      name: 'python',
      purpose: INSTALLING,
      commands: pythons.map((command) => [command, '--version'] as const),
      remedy: 'Python 3.10 or later: apt-get install python3 python3-pip, or python.org',
    },
    {
      name: 'pip',
      purpose: INSTALLING,
      commands: pythons.map((command) => [command, '-m', 'pip', '--version'] as const),
      remedy: 'pip for Python 3: apt-get install python3-pip, or python3 -m ensurepip',
    },
    {
      name: 'mpirun',
      purpose: SEVERAL_DEVICES,
      commands: [['mpirun', '--version']],
      remedy: 'Open MPI: apt-get install openmpi-bin, or brew install open-mpi',
    },
    {
      name: 'mpicxx',
      purpose: SEVERAL_DEVICES,
      commands: [['mpicxx', '--version']],
      remedy: "Open MPI's compiler: apt-get install libopenmpi-dev, or brew install open-mpi",
    },
  ];
}

/** `CXX` may hold options, as in `ccache g++`. */
function commandOf(line: string): readonly [string, ...string[]] {
  const [command = '', ...args] = line.split(/\s+/);
  return [command, ...args];
}

function versionOf([command, ...args]: readonly [string, ...string[]], env: NodeJS.ProcessEnv) {
  const { status, stdout } = spawnSync(command, args, {
    encoding: 'utf8',
    env,
    timeout: TIMEOUT_MS,
    windowsHide: true,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const [line = ''] = status === 0 ? stdout.trim().split('\n') : [];
  // pip adds the folder that it stands in.
  return line === '' ? null : line.replace(/ from .*/, '').trim();
}
