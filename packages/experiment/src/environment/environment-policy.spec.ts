import { EnvironmentError } from '@pixelis/core';
import {
  applyEnvironmentPolicy,
  type ApplyEnvironmentPolicyOptions,
  type ExpectedDifference,
} from './environment-policy';

const NODE: ExpectedDifference = {
  what: 'node',
  expected: '22.1.0',
  present: '20.20.2',
  remedy: 'install Node 22.1.0, npm ci',
  source: 'env.lock.json',
};
const LOCK: ExpectedDifference = {
  what: 'lock_file.sha256',
  expected: 'a'.repeat(64),
  present: 'b'.repeat(64),
  remedy: 'npm ci',
  source: 'run x',
};

function apply(options: Partial<ApplyEnvironmentPolicyOptions>) {
  const warnings: string[] = [];
  const printed: string[] = [];
  let error: unknown;
  let record;
  try {
    record = applyEnvironmentPolicy({
      policy: 'strict',
      differences: [NODE, LOCK],
      warn: (message) => warnings.push(message),
      print: (table) => printed.push(table),
      ...options,
    });
  } catch (thrown) {
    error = thrown;
  }
  return { record, error, warnings, table: printed.join('') };
}

describe('applyEnvironmentPolicy()', () => {
  it('strict prints an aligned table of all that differs, and refuses', () => {
    const { error, table, warnings } = apply({});
    expect(table).toBe(
      [
        `what              expected${' '.repeat(58)}present${' '.repeat(59)}expected by\n`,
        `node              22.1.0${' '.repeat(60)}20.20.2${' '.repeat(59)}env.lock.json\n`,
        `lock_file.sha256  ${'a'.repeat(64)}  ${'b'.repeat(64)}  run x\n`,
      ].join(''),
    );
    expect(error).toBeInstanceOf(EnvironmentError);
    expect(error).toMatchObject({
      code: 'ENVIRONMENT_DIFFERS',
      exitCode: 3,
      message:
        'the environment differs in 2 points: node is 20.20.2, expected 22.1.0 by env.lock.json; ' +
        'lock_file.sha256 is bbbbbbbbbbbb, expected aaaaaaaaaaaa by run x',
      remedy: 'install Node 22.1.0, npm ci; npm ci; or go on all the same by --force',
    });
    expect(warnings).toEqual([]);
  });

  it('strict goes on by force with a warning, and records what was forced', () => {
    const { record, error, table, warnings } = apply({ isForced: true });
    expect([error, table]).toEqual([undefined, '']);
    expect(warnings).toEqual([
      expect.stringMatching(/^forced to go on: the environment differs in 2 points: node is /),
    ]);
    const { what, expected, present, source } = NODE;
    expect(record).toMatchObject({ policy: 'strict', forced: true });
    expect(record?.differences[0]).toEqual({ what, expected, present, source });
  });

  it('warn tells it in one line with the remedy; force changes nothing', () => {
    for (const isForced of [false, true]) {
      const { record, warnings, table } = apply({ policy: 'warn', isForced });
      expect(warnings).toEqual([expect.stringMatching(/^the environment differs in .*: install Node 22\.1\.0, npm ci; npm ci$/)]);
      expect(warnings.join()).not.toContain('\n');
      expect([table, record?.forced, record?.differences.length]).toEqual(['', false, 2]);
    }
  }); // prettier-ignore

  it('ignore tells nothing, and records all the same', () => {
    const { record, warnings, table } = apply({ policy: 'ignore' });
    expect([warnings, table]).toEqual([[], '']);
    expect(record).toMatchObject({ policy: 'ignore', forced: false });
    expect(record?.differences).toHaveLength(2);
  });

  it.each(['strict', 'warn', 'ignore'] as const)('%s is silent where nothing differs', (policy) => {
    const { record, error, warnings, table } = apply({ policy, isForced: true, differences: [] });
    expect({ record, error, warnings, table }).toEqual({
      record: { policy, forced: false, differences: [] },
      error: undefined,
      warnings: [],
      table: '',
    });
  });

  it('names three of many, and how many more there are', () => {
    const differences = [1, 2, 3, 4, 5].map((n) => ({ ...NODE, what: `packages.p${n}` }));
    const { error } = apply({ differences });
    expect(error).toMatchObject({ message: expect.stringMatching(/p3 is .* and 2 more$/) as string });
  }); // prettier-ignore

  it('lets no text of a file steer the terminal', () => {
    const { table } = apply({ differences: [{ ...NODE, expected: '1\u001b[31m\n2' }] });
    expect(table.split('\n')).toHaveLength(3);
    expect(table).not.toContain('\u001b');
  });
});
