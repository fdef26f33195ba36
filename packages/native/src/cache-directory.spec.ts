import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { nativeCacheDirectory } from './cache-directory';

const { platform } = process;
const environment = { ...process.env };

afterEach(() => {
  Object.defineProperty(process, 'platform', { value: platform });
  process.env = { ...environment };
});

describe('nativeCacheDirectory()', () => {
  it('is what PIXELIS_CACHE says, made absolute', () => {
    process.env['PIXELIS_CACHE'] = 'some/cache';

    expect(nativeCacheDirectory()).toBe(resolve('some/cache'));
  });

  it.each([
    ['linux', {}, join(homedir(), '.cache', 'pixelis')],
    ['linux', { XDG_CACHE_HOME: '' }, join(homedir(), '.cache', 'pixelis')],
    ['linux', { XDG_CACHE_HOME: '/elsewhere' }, join('/elsewhere', 'pixelis')],
    ['darwin', {}, join(homedir(), 'Library', 'Caches', 'pixelis')],
    ['win32', { LOCALAPPDATA: '/local' }, join('/local', 'pixelis')],
    ['win32', {}, join(homedir(), 'AppData', 'Local', 'pixelis')],
  ])('is on %s with %j the folder %s', (name, variables, expected) => {
    for (const variable of ['PIXELIS_CACHE', 'XDG_CACHE_HOME', 'LOCALAPPDATA']) {
      Reflect.deleteProperty(process.env, variable);
    }
    Object.assign(process.env, variables);
    Object.defineProperty(process, 'platform', { value: name });

    expect(nativeCacheDirectory()).toBe(expected);
  });

  it('takes an empty PIXELIS_CACHE for none', () => {
    process.env['PIXELIS_CACHE'] = '';

    expect(nativeCacheDirectory()).not.toBe(process.cwd());
  });
});
