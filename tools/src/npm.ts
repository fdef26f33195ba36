import { execFileSync } from 'node:child_process';

/**
 * Runs npm in `folder` and returns what it wrote to stdout. It sees no settings of an npm that may have started this
 * process, runs no scripts of packages and does not reach for the network.
 */
export function npm(words: readonly string[], folder: string): string {
  const environment = Object.entries(process.env).filter(
    ([name]) => !/^npm_|^(?:INIT_CWD|NODE_PATH|NODE_OPTIONS)$/i.test(name),
  );
  const isWindows = process.platform === 'win32';
  const all = [...words, '--offline', '--ignore-scripts', '--loglevel=error'];
  // On Windows npm is a script, which only a shell can start; the quotes are for spaces in paths.
  return execFileSync('npm', isWindows ? all.map((word) => `"${word}"`) : all, {
    cwd: folder,
    env: Object.fromEntries(environment),
    encoding: 'utf8',
    shell: isWindows,
    stdio: ['ignore', 'pipe', 'pipe'],
    maxBuffer: 64 * 1024 * 1024,
  });
}
