import { createRequire } from 'node:module';

/** What prepares the process for TensorFlow. */
export interface ProcessLoader {
  /** Sets an environment variable for JavaScript and for native code. */
  setVariable(name: string, value: string): void;
  /** Holds back what native code writes to stderr. */
  captureStderr(): void;
  /** Ends that, and writes what is no banner. */
  releaseStderr(): void;
}

/** `loader.node`, from `addon/loader.cc`. */
interface LoaderAddon {
  setVariable(name: string, value: string): void;
  captureStderr(): void;
  releaseStderr(): string;
}

/**
 * TensorFlow's lines of information and warning, and the line that the log library writes before its first one:
 * `I0000 00:00:1795391085.831095 18736 port.cc:153] oneDNN custom operations are on …`.
 */
const BANNER =
  /^(WARNING: All log messages before absl::InitializeLog\(\)|[IW]\d{4} |To enable the following instructions)/;

/** The log levels that show information and warnings: who sets one wants to see them. */
const TALKATIVE = new Set(['0', '1']);

/** What TensorFlow for CUDA says where no GPU is to be found, or all are hidden. */
const NO_GPU = /^E\d{4} .*\bcuda_\w+\.cc:\d+\]/;

/**
 * Opens `loader.node`; without a path, variables are set for this thread's JavaScript alone and nothing is held back.
 * For the CPU also what is said of missing GPUs is left out.
 */
export function openProcessLoader(
  path: string | undefined,
  device: 'cpu' | 'gpu' = 'gpu',
): ProcessLoader {
  const addon = path === undefined ? undefined : requireLoader(path);
  const isQuiet = !TALKATIVE.has(process.env['TF_CPP_MIN_LOG_LEVEL'] ?? '');
  return {
    setVariable(name, value) {
      process.env[name] = value;
      addon?.setVariable(name, value);
    },
    captureStderr() {
      if (isQuiet) addon?.captureStderr();
    },
    releaseStderr() {
      const text = withoutBanner(addon?.releaseStderr() ?? '', device);
      if (text !== '') process.stderr.write(text);
    },
  };
}

/** What is left of TensorFlow's output without the lines that tell nothing. */
export function withoutBanner(text: string, device: 'cpu' | 'gpu' = 'gpu'): string {
  return text
    .split('\n')
    .filter((line) => !BANNER.test(line) && !(device === 'cpu' && NO_GPU.test(line)))
    .join('\n');
}

function requireLoader(path: string): LoaderAddon {
  const addon: unknown = createRequire(__filename)(path);
  if (!isLoaderAddon(addon)) throw new TypeError(`${path} is no loader`);
  return addon;
}

function isLoaderAddon(addon: unknown): addon is LoaderAddon {
  return typeof addon === 'object' && addon !== null && 'captureStderr' in addon;
}
