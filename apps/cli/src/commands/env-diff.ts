import { EXIT_CODES } from '@pixelis/core';
import { compareEnvironments, type EnvironmentDifference } from '@pixelis/reproducibility';
import { defineCommand } from '../command';
import {
  defaultEnvironment,
  differencesFromLockFile,
  namedEnvironment,
  type NamedEnvironment,
  presentEnvironment,
} from './env-side';

/** `pixelis env diff` */
export const envDiff = defineCommand({
  words: [
    {
      placeholder: 'A',
      help: 'What is expected: a run, a manifest, an env.lock.json or a lock file; by default env.lock.json, else the lock file',
    },
    { placeholder: 'B', help: 'What there is: the same; by default the present environment' },
  ],
  options: {
    name: {
      kind: 'text',
      placeholder: 'NAME',
      help: 'The program whose present environment it is; without it that of A, else train',
    },
  },
  needsRoot: false,
  run({ words: [first, second], options, root }, output) {
    const named = options.text('name');
    const a = first === undefined ? defaultEnvironment(named) : namedEnvironment(first, root);
    const b = second === undefined ? presentEnvironment(named, a) : namedEnvironment(second, root);
    const differences = differencesOf(a, b);
    const rows = differences.map(({ what, expected, present, remedy }) => ({
      what,
      expected,
      present,
      remedy,
    }));
    if (output.isJson)
      output.print({ json: { a: a.name, b: b.name, differences: rows }, text: '' });
    else
      output.printRows(rows, {
        columns: [
          { title: 'WHAT', value: ({ what }) => what, widthMin: 16 },
          { title: a.name, value: ({ expected }) => shown(expected) },
          { title: b.name, value: ({ present }) => shown(present) },
          { title: 'REMEDY', value: ({ remedy }) => remedy },
        ],
        json: (row) => ({ ...row }),
        empty: `equal: ${a.name} and ${b.name}`,
      });
    return Promise.resolve(differences.length === 0 ? undefined : EXIT_CODES.environment);
  },
});

function differencesOf(a: NamedEnvironment, b: NamedEnvironment): EnvironmentDifference[] {
  const found = compareEnvironments(a.environment, b.environment);
  const ofLock = a.isLockFile ? differencesFromLockFile(a, b) : [];
  return [...found, ...ofLock.filter(({ what }) => !found.some((one) => one.what === what))];
}

const HASH_DIGITS = 12;

function shown(value: string | null): string {
  if (value === null) return '-';
  return /^[0-9a-f]{64}$/.test(value) ? value.slice(0, HASH_DIGITS) : value;
}
