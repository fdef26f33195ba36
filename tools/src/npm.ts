import { execFileSync } from 'node:child_process';

/**
 * Runs npm and returns what it wrote to stdout. It sees no settings of an npm that may have started this process, and
 * does not reach for the network.
 *
 * @param words Without spaces: a shell reads them on Windows, where npm is a script.
 */
export function npm(words: readonly string[], folder: string): string {
  const environment = Object.entries(process.env).filter(
    ([name]) => !/^npm_|^(?:INIT_CWD|NODE_PATH|NODE_OPTIONS)$/i.test(name),
  );
  return execFileSync('npm', [...words, '--offline', '--ignore-scripts', '--loglevel=error'], {
    cwd: folder,
    env: Object.fromEntries(environment),
    encoding: 'utf8',
    shell: process.platform === 'win32',
    stdio: ['ignore', 'pipe', 'pipe'],
    maxBuffer: 64 * 1024 * 1024,
  });
}
