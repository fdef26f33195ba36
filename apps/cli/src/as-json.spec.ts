import { asJson } from './as-json';

describe('asJson', () => {
  it('gives keys in snake_case, at every depth', () => {
    expect(asJson({ createdAt: 1, files: [{ fileCount: 2, sha256: 'x' }] })).toEqual({
      created_at: 1,
      files: [{ file_count: 2, sha256: 'x' }],
    });
  });

  it('passes on the keys of a user as they are', () => {
    const foreign = { myKey: { otherKey: 1 } };
    expect(asJson({ metadata: foreign, tags: foreign, lastMetrics: foreign, packages: foreign })).toEqual({
      metadata: foreign,
      tags: foreign,
      last_metrics: foreign,
      packages: foreign,
    });
    expect(asJson({ 'accuracy/hard': 1, 'Some Key': 2 })).toEqual({ 'accuracy/hard': 1, 'Some Key': 2 });
  }); // prettier-ignore

  it('gives times, maps and numbers that JSON lacks as what JSON has', () => {
    expect(asJson(new Date(0))).toBe('1970-01-01T00:00:00.000Z');
    expect(asJson(new Map([['oneKey', 1]]))).toEqual({ one_key: 1 });
    expect(asJson([NaN, Infinity, undefined, null])).toEqual(['NaN', 'Infinity', null, null]);
  });

  it('leaves out what is undefined, and functions', () => {
    expect(asJson({ a: undefined, b: () => 1, c: null })).toEqual({ c: null });
  });

  it('refuses what has no meaning in JSON', () => {
    expect(() => asJson(1n)).toThrow(TypeError);
  });
});
