import { ambiguousCodes, errorsDocument } from './errors-document';
import { findErrors, type RaisedError } from './find-errors';

const BASE = `
export const EXIT_CODES = { done: 0, defect: 1, usage: 2, data: 4 } as const;
export abstract class PixelisError extends Error {
  constructor(message: string, options: { code: string; remedy: string }) { super(message); }
}
export class UsageError extends PixelisError { readonly exitCode = EXIT_CODES.usage; }
export class DataError extends PixelisError { readonly exitCode = EXIT_CODES.data; }
`;

describe('findErrors()', () => {
  it('finds an error with its code, message and remedy, values of the moment in braces', () => {
    const source = `
      function check(folderName: string, files: string[]) {
        const hint = 'or another one';
        throw new UsageError(\`\${files.join(', ')} of \${describe(folderName)}: \${files.length} of \${limits.MOST_FILES}\`, {
          code: 'FOLDER_WRONG',
          remedy: 'choose it, ' + hint,
        });
      }`;
    expect(foundIn(source)).toEqual([
      {
        code: 'FOLDER_WRONG',
        exitCode: 2,
        message: '{files} of {folder name}: {number of files} of {most files}',
        remedy: 'choose it, or another one',
        owner: '@pixelis/example',
      },
    ]);
  });

  it('gives both ways of a condition, and keeps together what one condition chooses', () => {
    const apart = `throw new UsageError('wrong', { code: 'A_B', remedy: nearest ? \`try \${nearest}\` : 'list them' });`;
    expect(foundIn(apart).map(({ remedy }) => remedy)).toEqual(['try {nearest}', 'list them']);
    const together = `throw new UsageError(denied ? 'denied' : 'refused', { code: denied ? 'A' : 'B', remedy: 'mend it' });`;
    expect(foundIn(together).map(({ code, message }) => [code, message])).toEqual([
      ['A', 'denied'],
      ['B', 'refused'],
    ]);
    const inside = `throw new UsageError(\`no \${isRun ? 'run' : 'model'}\${name ? \`, \${name}\` : ''} here\`, { code: 'A', remedy: 'r' });`;
    expect(foundIn(inside).map(({ message }) => message)).toEqual(['no run/model here']);
  });

  it('follows parameters of functions, methods and constructors to their calls, through several of them', () => {
    const source = `
      class Plan {
        #fail(code: string, message: string) {
          return new DataError(message, { code, remedy: 'mend it' });
        }
        a() { throw this.#fail('FIRST', 'first'); }
        b(path: string) { throw this.#fail('SECOND', \`second of \${path}\`); }
      }
      function outer(what: string) { throw inner({ what, code: 'THIRD' }); }
      function inner({ what, code, remedy = 'by default' }: Options) {
        return new DataError(\`no \${what}\`, { code, remedy });
      }
      outer('x');
      class Special extends DataError {
        constructor(readonly step: number, remedy: string) {
          super(\`at \${step}\`, { code: 'SPECIAL', remedy });
        }
      }
      throw new Special(3, 'go on');
      throw new Special(4, 'stop');`;
    expect(foundIn(source).map(({ code, message, remedy }) => [code, message, remedy])).toEqual([
      ['FIRST', 'first', 'mend it'],
      ['SECOND', 'second of {path}', 'mend it'],
      ['THIRD', 'no x', 'by default'],
      ['SPECIAL', 'at {step}', 'go on'],
      ['SPECIAL', 'at {step}', 'stop'],
    ]);
  });

  it('follows an exported function to the files that import it, and to no other of that name', () => {
    const errors = found([
      `export function refused(code: string): UsageError { return new UsageError('refused', { code, remedy: 'ask' }); }`,
      `import { refused } from './a'; throw refused('IMPORTED');`,
      `function refused(code: string) {} refused('OTHER');`,
    ]);
    expect(errors.map(({ code }) => code)).toEqual(['IMPORTED']);
  });

  it('takes constants that other files export', () => {
    const errors = found([
      `export const CODE = 'SHARED'; export const LIMIT = 'ten';`,
      `import { CODE, LIMIT } from './0'; throw new UsageError(\`over \${LIMIT}\`, { code: CODE, remedy: 'r' });`,
    ]);
    expect(errors).toMatchObject([{ code: 'SHARED', message: 'over ten' }]);
  });

  it('finds failures that are plain objects', () => {
    const source = `return { code: 'DEFECT', message: 'unexpected', remedy: 'report it', exitCode: EXIT_CODES.defect };`;
    expect(foundIn(source)).toMatchObject([{ code: 'DEFECT', exitCode: 1, message: 'unexpected' }]);
  });

  it('leaves other errors alone, and names the places whose code it cannot tell', () => {
    expect(foundIn(`throw new RangeError('x', { code: 'A', remedy: 'r' });`)).toEqual([]);
    const { unknown } = findErrors([
      { path: 'base.ts', text: BASE, owner: '@pixelis/core' },
      {
        path: 'a.ts',
        text: `\nthrow new UsageError(cause.message, { code: cause.code, remedy: 'r' });`,
        owner: '@pixelis/example',
      },
    ]);
    expect(unknown).toEqual(['a.ts:2']);
  });
});

describe('errorsDocument()', () => {
  it('has a table for each exit code that occurs, a row for each message, and who raises it', () => {
    const document = errorsDocument([
      raised({ code: 'B_C', message: 'a|b *c* <d> {path}', owner: '@pixelis/z' }),
      raised({ code: 'B_C', message: 'a|b *c* <d> {path}', owner: '@pixelis/a' }),
      raised({ code: 'A_B', exitCode: null }),
    ]);
    expect(document.match(/^## .*$/gm)).toEqual([
      '## 2: wrong usage or configuration',
      '## 130 and 143: interrupted by SIGINT or SIGTERM',
    ]);
    expect(document).toContain(
      '| `B_C` | a\\|b \\*c\\* \\<d\\> {path} | mend it | @pixelis/a, @pixelis/z |\n',
    );
  });
});

describe('ambiguousCodes()', () => {
  it('names codes with more than one exit code', () => {
    const errors = [
      raised({ code: 'A' }),
      raised({ code: 'A', exitCode: 4, owner: '@pixelis/b' }),
      raised({ code: 'B' }),
      raised({ code: 'B', message: 'other' }),
    ];
    expect(ambiguousCodes(errors)).toEqual(['A: 2 in @pixelis/a; 4 in @pixelis/b']);
  });
});

// Helpers

function foundIn(source: string): readonly RaisedError[] {
  return found([source]);
}

function found(sources: readonly string[]): readonly RaisedError[] {
  return findErrors([
    { path: 'base.ts', text: BASE, owner: '@pixelis/core' },
    ...sources.map((text, index) => ({ path: `${index}.ts`, text, owner: '@pixelis/example' })),
  ]).errors;
}

function raised(facts: Partial<RaisedError>): RaisedError {
  return {
    code: 'A',
    exitCode: 2,
    message: 'wrong',
    remedy: 'mend it',
    owner: '@pixelis/a',
    ...facts,
  };
}
