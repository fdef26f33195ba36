import { Linter } from 'eslint';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { determinism } from './determinism';

describe('determinism', () => {
  it('is what its recommended configuration registers, so that both can be used together', () => {
    const { recommended } = determinism.configs;
    const both = [{ plugins: { determinism } }, recommended];
    expect(new Linter().verify('Math.random();', both)).toMatchObject([
      { ruleId: 'determinism/no-unseeded-randomness', severity: 2 },
    ]);
  });

  it('recommends every rule, and each says what it is for', () => {
    const names = Object.keys(determinism.rules).map((name) => `determinism/${name}`);
    expect(Object.keys(determinism.configs.recommended.rules ?? {})).toEqual(names);
    for (const { meta } of Object.values(determinism.rules)) {
      expect(meta.docs?.description).toMatch(/^(?:Disallow|Require) /);
      expect(meta.schema).toBeInstanceOf(Array);
    }
  });

  it('has each rule in the README', () => {
    const readme = readFileSync(join(__dirname, '../../README.md'), 'utf8');
    const missing = Object.keys(determinism.rules).filter(
      (name) => !readme.includes(`| \`${name}\``),
    );
    expect(missing).toEqual([]);
  });

  it('has the version of the package', () => {
    const manifest: unknown = JSON.parse(
      readFileSync(join(__dirname, '../../package.json'), 'utf8'),
    );
    expect(manifest).toMatchObject({
      name: determinism.meta.name,
      version: determinism.meta.version,
    });
  });

  it('leaves the index of the package free of ESLint', () => {
    const index = readFileSync(join(__dirname, '../index.ts'), 'utf8');
    expect(index).not.toContain('eslint');
  });
});
