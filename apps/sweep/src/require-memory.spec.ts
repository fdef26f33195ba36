import { requireMemory } from './require-memory';

const GIBIBYTE = 2 ** 30;

describe('requireMemory()', () => {
  it('requireMemory() refuses a trial that takes more than there is, and says how much that is', () => {
    const tooMuch = (): void => requireMemory(16.5 * GIBIBYTE, 16 * GIBIBYTE);
    expect(tooMuch).toThrow('--memory-per-trial is 16.5 GiB, more than the 16.0 GiB of this');
    expect(() => requireMemory(16 * GIBIBYTE, 16 * GIBIBYTE)).not.toThrow();
    expect(() => requireMemory(undefined)).not.toThrow();
  });

  it('requireMemory() measures this machine where nobody says what there is', () => {
    expect(() => requireMemory(1)).not.toThrow();
    expect(() => requireMemory(2 ** 52)).toThrow('of this machine');
  });
});
