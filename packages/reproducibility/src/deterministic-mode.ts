import { nearestName, UsageError } from '@pixelis/core';

/** The file of the native addon of TensorFlow.js. */
const NATIVE_ADDON = 'tfjs_binding.node';

/**
 * A backend by the name that Pixelis gives it: `wasm` (WebAssembly), `reference` (plain JavaScript), `cpu` and `gpu` (the
 * native addon on TensorFlow's library), `webgpu`.
 */
export type BackendName = 'wasm' | 'reference' | 'cpu' | 'gpu' | 'webgpu';

/** How far equal runs of a program on a backend give equal bits. */
export type DeterminismGuarantee =
  'same bits on every machine' | 'same bits on this machine' | 'none';

/** Options of {@link enableDeterministicMode}. */
export interface DeterministicModeOptions {
  /** @default 'wasm' */
  readonly backend?: BackendName;
}

/** What {@link enableDeterministicMode} could do and what it could not; plain JSON. */
export interface DeterministicModeReport {
  readonly backend: BackendName;
  readonly guarantee: DeterminismGuarantee;
  /** The environment variables in force, set now or found set so. */
  readonly set: readonly { readonly variable: string; readonly value: string }[];
  readonly notPossible: readonly Limit[];
}

interface Limit {
  readonly what: string;
  readonly why: string;
}

interface BackendRules {
  readonly guarantee: DeterminismGuarantee;
  /** Variable → the values that do, the first of which is set if none is. */
  readonly variables: Readonly<Record<string, readonly [string, ...string[]]>>;
  /** What `XLA_FLAGS` must hold, beside what it holds already. */
  readonly xlaFlags?: readonly XlaFlag[];
  readonly limits: readonly Limit[];
}

interface XlaFlag {
  readonly name: string;
  readonly value: string;
}

const XLA_FLAGS = 'XLA_FLAGS';

const NATIVE_LIMIT: Limit = {
  what: 'the same bits on another machine, library version or number of threads',
  why: 'the native library chooses its kernels and the order of its sums by processor and threads',
};

const RULES: Readonly<Record<BackendName, BackendRules>> = {
  wasm: {
    guarantee: 'same bits on every machine',
    variables: {},
    limits: [
      {
        what: 'stock kernels that take another path on processors where it has not been tested',
        why: 'the XNNPACK library in the WebAssembly backend looks at the processor; relaxed SIMD must stay off',
      },
    ],
  },
  reference: {
    guarantee: 'same bits on this machine',
    variables: {},
    limits: [
      {
        what: 'the same bits under another JavaScript engine or processor',
        why: 'its kernels use Math.exp and the like, whose last bits the engine chooses',
      },
    ],
  },
  cpu: {
    guarantee: 'same bits on this machine',
    variables: { TF_DETERMINISTIC_OPS: ['1', 'true'], TF_ENABLE_ONEDNN_OPTS: ['0'] },
    limits: [NATIVE_LIMIT],
  },
  gpu: {
    guarantee: 'same bits on this machine',
    variables: {
      TF_DETERMINISTIC_OPS: ['1', 'true'],
      TF_CUDNN_DETERMINISTIC: ['1', 'true'],
      // TensorFlow never reads it, its library cuBLAS does.
      CUBLAS_WORKSPACE_CONFIG: [':4096:8', ':16:8'],
      TF_ENABLE_ONEDNN_OPTS: ['0'],
    },
    // It also keeps XLA from choosing kernels by how long each took (openxla/xla, pull request 12520).
    xlaFlags: [{ name: '--xla_gpu_deterministic_ops', value: 'true' }],
    limits: [
      NATIVE_LIMIT,
      {
        what: 'operations that have no deterministic kernel on the GPU',
        why: 'TensorFlow throws when one is called in this mode',
      },
      {
        what: 'all 23 bits of float32 in products',
        why: 'TensorFlow rounds their factors to TF32 on GPUs of NVIDIA from Ampere on, alike in every run; NVIDIA_TF32_OVERRIDE=0 stops that',
      },
    ],
  },
  webgpu: {
    guarantee: 'none',
    variables: {},
    limits: [
      {
        what: 'the same bits twice',
        why: "WebGPU lets the driver's compiler reorder and fuse arithmetic, and has no switch against it",
      },
    ],
  },
};

/** Whether variables changed after the native library was loaded; it never reads them again. */
let wasTooLate = false;

/**
 * Switches a backend to deterministic kernels as far as it has a switch: environment variables that its native library
 * reads once, so this must come before the library is loaded. The variables stay set, and child processes and worker
 * threads inherit them. Costs speed on the native backends.
 *
 * @throws {UsageError} `BACKEND_UNKNOWN`
 */
export function enableDeterministicMode({
  backend = 'wasm',
}: DeterministicModeOptions = {}): DeterministicModeReport {
  if (!Object.hasOwn(RULES, backend)) throw unknownBackend(backend);
  const { guarantee, variables, xlaFlags = [], limits } = RULES[backend];
  const set = Object.entries(variables).map(([variable, values]) => {
    const present = process.env[variable];
    return { variable, value: values.find((accepted) => accepted === present) ?? values[0] };
  });
  if (xlaFlags.length > 0)
    set.push({ variable: XLA_FLAGS, value: withFlags(process.env[XLA_FLAGS] ?? '', xlaFlags) });
  const isChange = set.some(({ variable, value }) => process.env[variable] !== value);
  for (const { variable, value } of set) process.env[variable] = value;
  wasTooLate ||= isChange && isNativeAddonLoaded();
  const isAffected = wasTooLate && set.length > 0;
  if (!isAffected) return { backend, guarantee, set, notPossible: limits };
  const tooLate: Limit = {
    what: 'deterministic kernels in this process',
    why: 'the native library was loaded before; call enableDeterministicMode first, or set the variables outside',
  };
  return { backend, guarantee: 'none', set, notPossible: [tooLate, ...limits] };
}

/** A list of flags in which these have their values; the others stay as they are. */
function withFlags(present: string, flags: readonly XlaFlag[]): string {
  return flags.reduce((list, { name, value }) => {
    const words = list.split(/\s+/).filter((word) => word !== '');
    const others = words.filter((word) => word !== name && !word.startsWith(`${name}=`));
    const isSet = words.length === others.length + 1 && isTrue(words, { name, value });
    return isSet ? list : [...others, `${name}=${value}`].join(' ');
  }, present);
}

/** A flag alone is as good as one that is said to be true. */
function isTrue(words: readonly string[], { name, value }: XlaFlag): boolean {
  return words.includes(name) || words.includes(`${name}=${value}`);
}

function isNativeAddonLoaded(): boolean {
  return Object.keys(require.cache).some((path) => path.endsWith(NATIVE_ADDON));
}

function unknownBackend(backend: string): UsageError {
  const backends = Object.keys(RULES);
  const nearest = nearestName(backend, backends);
  return new UsageError(`There is no backend ${JSON.stringify(backend)}`, {
    code: 'BACKEND_UNKNOWN',
    remedy:
      nearest === undefined
        ? `Choose one of ${backends.join(', ')}.`
        : `Did you mean ${JSON.stringify(nearest)}?`,
  });
}
