import {
  DataError,
  EXIT_CODES,
  EnvironmentError,
  IntegrityError,
  Interruption,
  PixelisError,
  RemoteError,
  UsageError,
} from './errors';

describe('PixelisError', () => {
  it.each([
    [UsageError, 'UsageError', 2],
    [EnvironmentError, 'EnvironmentError', 3],
    [DataError, 'DataError', 4],
    [IntegrityError, 'IntegrityError', 5],
    [RemoteError, 'RemoteError', 6],
  ] as const)('%p carries its name, code, remedy, cause and exit code', (Kind, name, exitCode) => {
    const cause = new Error('below');
    const error = new Kind('seed is -1', {
      code: 'SEED_INVALID',
      remedy: 'give a seed from 0',
      cause,
    });
    expect(error).toBeInstanceOf(PixelisError);
    expect(error).toBeInstanceOf(Error);
    expect(error).toMatchObject({
      message: 'seed is -1',
      remedy: 'give a seed from 0',
      exitCode,
      name,
    });
    expect(error.code).toBe('SEED_INVALID');
    expect(error.cause).toBe(cause);
  });

  it('has no cause unless one is given', () => {
    expect('cause' in new UsageError('x', { code: 'X', remedy: 'y' })).toBe(false);
  });

  it('has a different exit code for every kind', () => {
    expect(new Set(Object.values(EXIT_CODES)).size).toBe(7);
  });
});

describe('Interruption', () => {
  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('of %s ends a program with %d', (signal, exitCode) => {
    const error = new Interruption(signal, {
      kept: 'run a stands at step 3',
      remedy: 'use --run-id a',
    });
    expect(error).toMatchObject({
      name: 'Interruption',
      code: 'INTERRUPTED',
      message: `interrupted by ${signal}: run a stands at step 3`,
      remedy: 'use --run-id a',
      exitCode,
    });
  });
});
