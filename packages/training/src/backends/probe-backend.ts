import { type ChildProcess, fork } from 'node:child_process';
import { workerEntry } from '@pixelis/core';
import type { Backend } from './backend';
import {
  isProbeAnswer,
  type ProbeAnswer,
  type ProbeFacts,
  type ProbeProblem,
} from './probe-answer';
import { REPAIRS } from './probe-remedies';

/** Whether a backend computes on this machine. */
export interface BackendProbe {
  readonly name: Backend['name'];
  /** What it is made of; null if it cannot be used. */
  readonly facts: ProbeFacts | null;
  /** Why it cannot be used; null if it can. */
  readonly problem: ProbeProblem | null;
}

/** Options of {@link probeBackend}. */
export interface ProbeBackendOptions {
  /** Time after which it counts as hanging; compiling for a GPU takes a while. @default 120 000 */
  readonly timeoutMs?: number;
  /** @default the environment of the process */
  readonly env?: NodeJS.ProcessEnv;
  /** Ends the probe at once. */
  readonly signal?: AbortSignal | undefined;
  /** The program that is asked. @default the one that loads the backend and computes with it */
  readonly program?: string;
}

const STDERR_LENGTH_MAX = 4000;

/**
 * Finds out whether a backend computes here, in a process of its own: a library that crashes or hangs cannot take the
 * caller along, and leaves nothing loaded. It never throws for what is wrong with a backend.
 */
export async function probeBackend(
  name: Backend['name'],
  { timeoutMs = 120_000, env = process.env, signal, program }: ProbeBackendOptions = {},
): Promise<BackendProbe> {
  const child = fork(program ?? workerEntry(__filename, 'probe-process'), [name], {
    env,
    execArgv: [],
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  const stop = () => void child.kill('SIGKILL');
  signal?.addEventListener('abort', stop);
  const ending = await endingOf(child, timeoutMs).finally(() => {
    signal?.removeEventListener('abort', stop);
  });
  signal?.throwIfAborted();
  const { answer } = ending;
  if (answer === undefined) return { name, facts: null, problem: problemOf(name, ending) };
  return 'problem' in answer
    ? { name, facts: null, problem: answer.problem }
    : { name, facts: answer, problem: null };
}

interface Ending {
  readonly answer: ProbeAnswer | undefined;
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly isTooLate: boolean;
  readonly stderr: string;
}

function endingOf(child: ChildProcess, timeoutMs: number): Promise<Ending> {
  let answer: ProbeAnswer | undefined;
  let stderr = '';
  let isTooLate = false;
  const timer = setTimeout(() => {
    isTooLate = true;
    child.kill('SIGKILL');
  }, timeoutMs);
  child.on('message', (message) => {
    if (isProbeAnswer(message)) answer = message;
  });
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr = (stderr + text).slice(-STDERR_LENGTH_MAX);
  });
  return new Promise((resolve, reject) => {
    child.once('error', (error) => {
      clearTimeout(timer);
      reject(error);
    });
    child.once('close', (code, signal) => {
      clearTimeout(timer);
      resolve({ answer, code, signal, isTooLate, stderr });
    });
  });
}

function problemOf(
  name: Backend['name'],
  { code, signal, isTooLate, stderr }: Ending,
): ProbeProblem {
  if (isTooLate)
    return {
      code: 'BACKEND_HANGS',
      message: `Backend "${name}" gave no answer in time`,
      remedy: 'see whether the device is in use by another program, or use --backend wasm',
    };
  const ended = signal === null ? `exit code ${String(code)}` : signal;
  const said = lastLine(stderr);
  return {
    code: 'BACKEND_CRASHED',
    message: `Backend "${name}" ended its process (${ended})${said === '' ? '' : `: ${said}`}`,
    remedy: REPAIRS[name],
  };
}

function lastLine(text: string): string {
  const lines = text.split('\n').map((line) => line.trim());
  return lines.filter((line) => line !== '').at(-1) ?? '';
}
