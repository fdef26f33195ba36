import { spawnSync } from 'node:child_process';

/** Runs an ES module in a Node.js of its own; it reads a text and prints JSON. Jest itself loads no ES modules. */
export function runModule(program: string, text: string): unknown {
  const { stdout, stderr, status, error } = spawnSync(
    process.execPath,
    ['--input-type=module', '--eval', program],
    { input: text, encoding: 'utf8', cwd: __dirname },
  );
  if (status !== 0) throw new Error(`node ended with ${status}: ${stderr}`, { cause: error });
  return JSON.parse(stdout);
}
