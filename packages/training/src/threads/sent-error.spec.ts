import { DataError, EnvironmentError, IntegrityError, UsageError } from '@pixelis/core';
import { packError, unpackError } from './sent-error';

describe('unpackError()', () => {
  it.each([DataError, EnvironmentError, IntegrityError, UsageError])(
    'makes an error of ours again: %p',
    (type) => {
      const error = new type('it is wrong', { code: 'WRONG', remedy: 'mend it' });
      const again = unpackError(structuredClone(packError(error)), 'Training thread 3');

      expect(again).toBeInstanceOf(type);
      expect(again).toMatchObject({ message: 'it is wrong', code: 'WRONG', remedy: 'mend it' });
    },
  );

  it('names the part of any other, and keeps where it was thrown', () => {
    const error = new TypeError('no such thing');
    const again = unpackError(structuredClone(packError(error)), 'Training thread 3');

    expect(again.message).toBe('Training thread 3 failed: no such thing');
    expect(again.cause).toMatchObject({ name: 'TypeError', stack: error.stack });
  });

  it.each(['a text', undefined, { message: 'plain' }])('takes %p for an error', (thrown) => {
    expect(unpackError(packError(thrown), 'Rank 0')).toBeInstanceOf(Error);
  });

  it('takes no name of the language for a class', () => {
    const sent = { ...packError(new Error('x')), name: 'constructor' };

    expect(unpackError(sent, 'Rank 0').message).toContain('Rank 0');
  });
});
