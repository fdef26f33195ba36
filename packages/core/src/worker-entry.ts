import { basename, dirname, join, sep } from 'node:path';

/**
 * The absolute path of a worker thread's compiled entry, `<name>.js` beside the calling module in `dist`. A caller that
 * runs from `src`, as under a test runner that transpiles on the fly, gets the file that was built from its own folder:
 * worker threads load JavaScript only.
 *
 * @param moduleFilename `__filename` of the caller.
 * @param name Name of the entry without extension.
 *
 * @throws {RangeError} If the name holds a path.
 */
export function workerEntry(moduleFilename: string, name: string): string {
  if (basename(name) !== name) {
    throw new RangeError(
      `Cannot find a worker's entry: name must be a bare name: current value is ${name}`,
    );
  }
  const folders = dirname(moduleFilename).split(sep);
  const source = folders.lastIndexOf('src');
  if (source > folders.lastIndexOf('dist')) folders[source] = 'dist';
  return join(folders.join(sep), `${name}.js`);
}
