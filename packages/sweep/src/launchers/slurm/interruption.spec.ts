import { isInterruption } from './interruption';

describe('isInterruption()', () => {
  it.each([
    null,
    { exitCode: 143, signal: null },
    { exitCode: 130, signal: null },
    { exitCode: null, signal: 'SIGTERM' },
    { exitCode: null, signal: 'SIGINT' },
  ])('isInterruption() holds for %j', (end) => expect(isInterruption(end)).toBe(true));

  it.each([
    { exitCode: 0, signal: null },
    { exitCode: 2, signal: null },
    { exitCode: 137, signal: null },
    { exitCode: null, signal: 'SIGKILL' },
  ])('isInterruption() does not hold for %j', (end) => expect(isInterruption(end)).toBe(false));
});
