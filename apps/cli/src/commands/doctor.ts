import { EXIT_CODES } from '@pixelis/core';
import {
  type Backend,
  type BackendProbe,
  probeBackend,
  probeMachine,
  probeNativeCache,
  probeTools,
} from '@pixelis/training';
import { asJson } from '../as-json';
import { defineCommand } from '../command';
import { interruptible } from '../train-program';
import { doctorLines } from './doctor-lines';

/** In the order in which they are shown: what needs nothing first. */
const BACKENDS = ['wasm', 'reference', 'cpu', 'gpu', 'webgpu'] as const satisfies Backend['name'][];

/** `pixelis doctor` */
export const doctor = defineCommand({
  options: {
    backend: {
      kind: 'text',
      placeholder: 'NAME',
      help: 'Look at this backend only, and fail if it cannot be used',
      choices: BACKENDS,
    },
  },
  needsRoot: false,
  async run({ options }, output) {
    const asked = options.text('backend');
    const names = BACKENDS.filter((name) => asked === undefined || name === asked);
    output.progress('looking at the machine');
    const machine = probeMachine();
    const tools = probeTools();
    const nativeCache = probeNativeCache();
    const backends: BackendProbe[] = [];
    await interruptible(async (signal) => {
      for (const name of names) {
        output.progress(`computing a product and a gradient on ${name}`);
        backends.push(await probeBackend(name, { signal }));
      }
    }).finally(() => output.progress(''));
    const report = { machine, tools, nativeCache, backends };
    output.print({
      json: asJson({ ...report, backends: backends.map(flat) }),
      text: doctorLines(report),
    });
    // The default is what must work; another is needed by whoever names it.
    const needed = backends.find(({ name }) => name === (asked ?? 'wasm'));
    return needed?.facts === null ? EXIT_CODES.environment : undefined;
  },
});

function flat({ name, facts, problem }: BackendProbe) {
  return { name, isAvailable: facts !== null, ...facts, problem };
}
