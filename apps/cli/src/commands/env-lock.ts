import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import {
  captureEnvironmentLock,
  environmentLockFile,
  writeEnvironmentLock,
} from '@pixelis/reproducibility';
import { defineCommand } from '../command';
import { formatCount, formatFields } from '../format';
import { DEFAULT_PROGRAM, programFolder } from './env-program';

/** `pixelis env lock` */
export const envLock = defineCommand({
  options: {
    file: {
      kind: 'text',
      placeholder: 'FILE',
      help: 'The file to write: env.lock.json, or with --name env.NAME.lock.json',
    },
    name: {
      kind: 'text',
      placeholder: 'NAME',
      help: `The program whose environment it is, such as evaluate; ${DEFAULT_PROGRAM} without it`,
    },
  },
  needsRoot: false,
  run({ options }, output) {
    const named = options.text('name');
    const name = named ?? DEFAULT_PROGRAM;
    const lock = captureEnvironmentLock({ folder: programFolder(name), name });
    const ownFile = environmentLockFile(named === undefined ? null : (lock.program ?? named));
    const file = options.text('file') ?? ownFile;
    const sha256 = writeEnvironmentLock(file, lock);
    const { program = null, lock_file: locked = null, packages = {} } = lock;
    const count = Object.keys(packages).length;
    output.print({
      json: {
        file,
        sha256,
        name,
        program,
        lock_file: locked === null ? null : { name: locked.name, sha256: locked.sha256 },
        package_count: count,
      },
      text: formatFields([
        ['wrote', `${file}, ${formatCount(count, 'package')} of ${program ?? name}`],
        ['sha256', sha256],
        [locked?.name ?? '', locked?.sha256 ?? null],
      ]),
    });
    const isBeside = locked !== null && existsSync(join(dirname(file), locked.name));
    if (!isBeside)
      output.note(
        `note: a program reads ${ownFile} beside its ${locked?.name ?? 'lock file'}, and there alone`,
      );
    return Promise.resolve();
  },
});
