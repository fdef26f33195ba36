import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

/** Runs a Python program beside this file in the environment of the standards' own tools; it reads a text and prints JSON. */
export function readWithPython(program: string, text: string, ...values: string[]): unknown {
  const services = process.env['PIXELIS_SERVICES'];
  if (services === undefined) throw new Error('PIXELIS_SERVICES is not set');
  const python = join(services, 'standards', 'bin', 'python');
  const { stdout, stderr, status, error } = spawnSync(
    python,
    [join(__dirname, program), ...values],
    {
      input: text,
      encoding: 'utf8',
      env: { ...process.env, PYTHONUTF8: '1' },
    },
  );
  if (status !== 0) throw new Error(`${program} ended with ${status}: ${stderr}`, { cause: error });
  return JSON.parse(stdout);
}
