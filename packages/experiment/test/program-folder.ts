import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** A program with one package, `dependency`, of which its lock file has version 1.0.0. */
export interface ProgramFolder {
  readonly folder: string;
  /** Installs a version of the package. */
  readonly install: (version: string) => void;
  /** Writes the lock file anew, with an entry that no program needs. */
  readonly relock: (other: string) => void;
}

/** Makes {@link ProgramFolder}, as its lock file says. */
export function makeProgram(folder: string): ProgramFolder {
  const put = (path: string, content: object) => {
    mkdirSync(join(folder, path, '..'), { recursive: true });
    writeFileSync(join(folder, path), JSON.stringify(content));
  };
  const program: ProgramFolder = {
    folder,
    install: (version) => put('node_modules/dependency/package.json', { name: 'dependency', version }),
    relock: (other) =>
      put('package-lock.json', {
        lockfileVersion: 3,
        packages: {
          'node_modules/dependency': { version: '1.0.0' },
          'node_modules/other': { version: other },
        },
      }),
  };
  put('package.json', { name: 'own', dependencies: { dependency: '1' } });
  program.install('1.0.0');
  program.relock('1.0.0');
  return program;
} // prettier-ignore
