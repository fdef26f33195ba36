import { moduleReferences, packageNameOf } from './imported-modules';

describe('moduleReferences', () => {
  it('finds every way to refer to a module', () => {
    const { imports } = moduleReferences(`
      import a from 'static';
      import type { B } from 'type-only';
      import c = require('equals');
      export { d } from 're-export';
      export * from 'star';
      const e = await import('dynamic');
      const f = require('call');
      const g = require.resolve('resolved/package.json');
      let h: import('in-a-type').H;
      import 'side-effect';
    `);
    expect([...imports]).toEqual([
      'static',
      'type-only',
      'equals',
      're-export',
      'star',
      'dynamic',
      'call',
      'resolved/package.json',
      'in-a-type',
      'side-effect',
    ]);
  });

  it('does not take comments, strings and other functions for imports', () => {
    const { imports, literals } = moduleReferences(`
      // import a from 'comment';
      const b = "import c from 'text'";
      load('elsewhere');
      path.resolve('folder');
    `);
    expect([...imports]).toEqual([]);
    expect(literals).toContain('elsewhere');
  });
});

describe('packageNameOf', () => {
  it.each([
    ['zod', 'zod'],
    ['zod/v4', 'zod'],
    ['@pixelis/core', '@pixelis/core'],
    ['@pixelis/core/package.json', '@pixelis/core'],
    ['fs', 'fs'],
    ['node:fs', undefined],
    ['./x', undefined],
    ['../x', undefined],
  ])('of %s is %s', (specifier, name) => {
    expect(packageNameOf(specifier)).toBe(name);
  });
});
