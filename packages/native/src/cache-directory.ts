import { homedir } from 'node:os';
import { join, resolve } from 'node:path';

/**
 * The folder for what is built or fetched once for a user and survives `npm ci`: the environment variable
 * `PIXELIS_CACHE`, or `pixelis` in the platform's cache folder of the user. It may not exist yet.
 */
export function nativeCacheDirectory(): string {
  const chosen = process.env['PIXELIS_CACHE'];
  return chosen ? resolve(chosen) : join(userCacheDirectory(), 'pixelis');
}

function userCacheDirectory(): string {
  const variables = process.env;
  switch (process.platform) {
    case 'win32':
      return variables['LOCALAPPDATA'] ?? join(homedir(), 'AppData', 'Local');
    case 'darwin':
      return join(homedir(), 'Library', 'Caches');
    default:
      return variables['XDG_CACHE_HOME'] ? variables['XDG_CACHE_HOME'] : join(homedir(), '.cache');
  }
}
