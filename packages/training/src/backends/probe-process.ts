import { PixelisError } from '@pixelis/core';
import { type Backend, BACKEND_NAMES } from './backend';
import { loadBackend } from './load-backend';
import { checkArithmetic } from './probe-arithmetic';
import type { ProbeAnswer, ProbeFacts, ProbeProblem } from './probe-answer';
import { REPAIRS } from './probe-remedies';
import { probeWebgpu } from './webgpu-backend';

const NAMES = BACKEND_NAMES.filter((name) => name !== 'auto');

/** Entry of a probe's process: makes one backend ready, computes with it and tells its parent what came of it. */
async function probe(): Promise<ProbeAnswer> {
  const startedAt = performance.now();
  const name = NAMES.find((one) => one === process.argv[2]);
  if (name === undefined) throw new RangeError(`Cannot probe: no backend ${process.argv[2]}`);
  try {
    const backend = await loadBackend(name);
    await checkArithmetic(name);
    const durationMs = performance.now() - startedAt;
    const { version, threads, description } = backend;
    return { version, threads, description, ...(await deviceOf(backend)), durationMs };
  } catch (error) {
    return { problem: problemOf(name, error) };
  }
}

async function deviceOf({ name }: Backend): Promise<Pick<ProbeFacts, 'device' | 'isSoftware'>> {
  if (name !== 'webgpu') return { device: null, isSoftware: false };
  const found = await probeWebgpu();
  if (!found.isAvailable) return { device: null, isSoftware: false };
  const { vendor, architecture, description } = found.adapter;
  const device = [vendor, architecture, description].filter(Boolean).join(', ');
  return { device, isSoftware: found.isSoftware };
}

function problemOf(name: Backend['name'], error: unknown): ProbeProblem {
  if (error instanceof PixelisError)
    return { code: error.code, message: error.message, remedy: error.remedy };
  const reason = error instanceof Error ? error.message : String(error);
  return {
    code: 'BACKEND_BROKEN',
    message: `Backend "${name}" fails: ${reason}`,
    remedy: REPAIRS[name],
  };
}

// A parent that is gone waits for no answer.
process.on('disconnect', () => process.exit(0));
void probe().then((answer) => {
  // What a library left running must not keep the process, nor the device, alive.
  process.send?.(answer, () => process.exit(0));
});
