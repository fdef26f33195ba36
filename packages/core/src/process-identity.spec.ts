import fs from 'node:fs';
import { fateOf, identityOfThisProcess, type ProcessIdentity } from './process-identity';
import { sha256 } from './sha256';

const MACHINE_ID = '0123456789abcdef'.repeat(2);

/** Makes the system say this of itself; the rest it says as ever. */
function pretend(contents: Readonly<Record<string, string>>): void {
  const read = fs.readFileSync;
  jest.spyOn(fs, 'readFileSync').mockImplementation((...call) => {
    const [path] = call;
    const content = typeof path === 'string' ? contents[path] : undefined;
    return content ?? read(...call);
  });
}

/** A process of the boot before this one, on a machine with the id {@link MACHINE_ID}. */
function processOfEarlierBoot(): ProcessIdentity {
  pretend({ '/etc/machine-id': `${MACHINE_ID}\n`, '/proc/sys/kernel/random/boot_id': 'this\n' });
  return { ...identityOfThisProcess(), bootId: 'earlier' };
}

afterEach(() => jest.restoreAllMocks());

describe('identityOfThisProcess', () => {
  it('identityOfThisProcess() tells the hash of the id of the machine, not the id', () => {
    pretend({ '/etc/machine-id': `${MACHINE_ID}\n` });
    expect(identityOfThisProcess().machineId).toBe(sha256(MACHINE_ID));
  });

  it.each(['', 'uninitialized\n'])(
    'identityOfThisProcess() has no machine of the id %j',
    (content) => {
      pretend({ '/etc/machine-id': content });
      expect(identityOfThisProcess().machineId).toBeNull();
    },
  );
});

describe('fateOf', () => {
  it('fateOf() knows the process that asks to be alive', () => {
    expect(fateOf(identityOfThisProcess(), Date.now())).toBe('alive');
  });

  it('fateOf() calls a process of an earlier boot of this machine dead, however fresh its sign of life', () => {
    expect(fateOf(processOfEarlierBoot(), Date.now())).toBe('dead');
  });

  it.each([
    { hostname: 'another' },
    { machineId: sha256('another') },
    { machineId: null },
    { bootId: null },
  ])('fateOf() knows nothing of a process elsewhere: %j', (changes) => {
    const identity = { ...processOfEarlierBoot(), ...changes };
    expect(fateOf(identity, Date.now())).toBe('unknown');
  });

  it('fateOf() takes no boot for an earlier one on a machine without an id', () => {
    const identity = { ...processOfEarlierBoot(), machineId: null };
    jest.restoreAllMocks();
    pretend({ '/etc/machine-id': '', '/proc/sys/kernel/random/boot_id': 'this' });
    expect(fateOf(identity, Date.now())).toBe('unknown');
  });
});
