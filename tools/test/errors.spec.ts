import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ambiguousCodes, errorsDocument } from '../src/errors/errors-document';
import { errorsOfWorkspace } from '../src/errors/error-sources';
import { WORKSPACE_ROOT } from '../src/workspace';

const { errors, unknown } = errorsOfWorkspace();

describe('docs/errors.md', () => {
  it('is what npm run docs:errors makes of the sources', () => {
    const document = readFileSync(join(WORKSPACE_ROOT, 'docs/errors.md'), 'utf8');
    expect(document.replaceAll('\r\n', '\n')).toBe(errorsDocument(errors));
  });

  it('misses only errors that come from elsewhere: from the system, which are listed, and from another thread', () => {
    const places = new Set(unknown.map((place) => place.replace(/:\d+$/, '')));
    expect([...places]).toEqual([
      'packages/core/src/system-error.ts',
      'packages/data/src/loader-messages.ts',
    ]);
  });
});

describe('every error', () => {
  it('has a code of capitals and underscores, and a message and a remedy that say something', () => {
    const wrong = errors.filter(
      ({ code, message, remedy }) =>
        !/^[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)*$/.test(code) || message === '' || remedy === '',
    );
    expect(wrong).toEqual([]);
  });

  it('has a code that always ends a program in the same way', () => {
    expect(ambiguousCodes(errors)).toEqual([]);
  });
});
