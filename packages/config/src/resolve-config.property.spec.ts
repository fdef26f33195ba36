import { canonicalJson, type JsonValue, UsageError } from '@pixelis/core';
import fc from 'fast-check';
import { z } from 'zod';
import type { LayerName, Origin } from './config-error';
import type { ConfigLayer } from './config-layer';
import { formatPath, isForbiddenKey, parsePath } from './config-path';
import { resolveConfig } from './resolve-config';
import { resolveTrainingConfig } from './entry-point-resolution';
import { parseOverrideValue, parseYaml, YamlSyntaxError } from './yaml-value';

const schema = z.looseObject({ a: z.unknown().optional() });

const integers = fc.integer();
const lists = fc.array(integers, { minLength: 1, maxLength: 3 });
const section = sectionOf(fc.oneof(integers, lists));

describe('resolveConfig()', () => {
  it('resolveConfig() gives every leaf the value and the origin of the last layer that says something about it', () => {
    fc.assert(
      fc.property(fc.array(section, { minLength: 1, maxLength: 4 }), (sections) => {
        const layers = sections.map((value, index) => layerOf(value, String(index)));
        const { config, origins } = resolveConfig({ schema, layers });
        const expected = naiveMerge(sections);
        expect(config).toEqual(expected);
        const leaves = leavesOf(expected, []);
        expect(Object.keys(origins).sort()).toEqual(
          leaves.map(([path]) => formatPath(path)).sort(),
        );
        for (const [path, value] of leaves) {
          const winner = sections.findLastIndex((each) => isAbout(each, path));
          expect(origins[formatPath(path)]).toEqual(originOf(String(winner)));
          expect(valueAt(sections[winner], path)).toEqual(value);
        }
      }),
    );
  });

  it('resolveConfig() does not depend on whether a layer sets values one by one or together', () => {
    fc.assert(
      fc.property(sectionOf(integers), section, (lower, upper) => {
        const settings = leavesOf(upper, [], true).map(([path, value]) => {
          return { path: path.map(String), value, source: '1' };
        });
        const together = resolveConfig({
          schema,
          layers: [layerOf(lower, '0'), layerOf(upper, '1')],
        });
        const oneByOne = resolveConfig({
          schema,
          layers: [layerOf(lower, '0'), { layer: 'argument', settings }],
        });
        expect(oneByOne.config).toEqual(together.config);
        expect(oneByOne.origins).toEqual(together.origins);
      }),
    );
  });
});

describe('resolveTrainingConfig()', () => {
  it('resolveTrainingConfig() takes its own configuration back unchanged', () => {
    const integer = fc.integer({ min: 1, max: 1000 });
    fc.assert(
      fc.property(
        integer,
        integer,
        fc.double({ min: 0, max: 1, noNaN: true }),
        (seed, steps, ratio) => {
          const overrides = [
            `training.seed=${seed}`,
            `training.steps=${steps}`,
            `training.minimum_learning_rate_ratio=${ratio}`,
          ];
          const { config } = resolveTrainingConfig({ overrides });
          expect(config.training).toMatchObject({ seed, steps });
          const again = Object.entries(config).map(
            ([key, value]) => `${key}=${canonicalJson(value)}`,
          );
          const second = resolveTrainingConfig({ overrides: again });
          expect(canonicalJson(second.config)).toBe(canonicalJson(config));
          expect(new Set(Object.values(second.origins).map((origin) => origin.layer))).toEqual(
            new Set(['argument']),
          );
        },
      ),
      { numRuns: 50 },
    );
  });

  it('resolveTrainingConfig() throws nothing but usage errors and pollutes no prototype, whatever it is given', () => {
    const before = Object.getOwnPropertyNames(Object.prototype);
    const key = fc.constantFrom(
      'training',
      'seed',
      'curriculum',
      'stages',
      '0',
      'exit',
      '__proto__',
      'constructor',
      'prototype',
      'x',
      '', // prettier-ignore
    );
    const path = fc.array(key, { minLength: 1, maxLength: 4 });
    const text = fc.oneof(fc.string({ unit: 'binary' }), fc.json(), fc.string());
    const override = fc.oneof(
      fc.tuple(path, text).map(([keys, value]) => `${keys.join('.')}=${value}`),
      text,
    );
    const variable = path.map((keys) => `PIXELIS__${keys.join('__').toUpperCase()}`);
    fc.assert(
      fc.property(
        fc.array(override, { maxLength: 3 }),
        fc.dictionary(variable, text, { maxKeys: 2 }),
        (overrides, environment) => {
          try {
            resolveTrainingConfig({ overrides, environment });
          } catch (error) {
            expect(error).toBeInstanceOf(UsageError);
          }
          expect(Object.getOwnPropertyNames(Object.prototype)).toEqual(before);
        },
      ),
      { numRuns: 300 },
    );
  });
});

describe('parseYaml()', () => {
  it('parseYaml() reads JSON as JSON.parse does', () => {
    fc.assert(
      fc.property(fc.json({ noUnicodeString: false }), (text) => {
        fc.pre(!text.includes('"__proto__"'));
        expect(plainOf(parseYaml(text))).toEqual(JSON.parse(text));
      }),
    );
  });

  it('parseYaml() throws nothing but YamlSyntaxError', () => {
    const token = fc.constantFrom('a', ':', ' ', '\n', '- ', '[', ']', '{', '}', ',', '&a', '*a', '!', '!!x', '"', "'", '#', '|', '>', '?', '%', '---', '...', '\t', '<<', '__proto__', '1e999'); // prettier-ignore
    fc.assert(
      fc.property(
        fc.oneof(
          fc.array(token, { maxLength: 30 }).map((tokens) => tokens.join('')),
          fc.string({ unit: 'binary' }),
        ),
        (text) => {
          // prettier-ignore
          try {
          parseYaml(text);
        } catch (error) {
          expect(error).toBeInstanceOf(YamlSyntaxError);
        }
        },
      ),
      { numRuns: 1000 },
    );
  });
});

describe('parseOverrideValue()', () => {
  it('parseOverrideValue() reads back every number, and every text that is quoted', () => {
    fc.assert(
      fc.property(
        fc.double({ noDefaultInfinity: true, noNaN: true }),
        fc.string(),
        (number, text) => {
          fc.pre(!Object.is(number, -0));
          expect(parseOverrideValue(String(number))).toBe(number);
          expect(parseOverrideValue(JSON.stringify(text))).toBe(text);
        },
      ),
    );
  });
});

describe('parsePath()', () => {
  it('parsePath() reads back what formatPath() writes, for keys that an override can name', () => {
    const key = fc.stringMatching(/^[a-z_]{1,8}$/).filter((text) => !isForbiddenKey(text));
    fc.assert(
      fc.property(key, fc.array(fc.oneof(key, fc.nat(99)), { maxLength: 5 }), (first, rest) => {
        const path = [first, ...rest];
        expect(parsePath(formatPath(path))).toEqual(path.map(String));
      }),
    );
  });

  it('formatPath() never gives one text for two paths', () => {
    const path = fc.array(fc.oneof(fc.string(), fc.constantFrom('a', '0', 'a.b', '["a"]'), fc.nat(3)), { minLength: 1, maxLength: 3 }); // prettier-ignore
    fc.assert(
      fc.property(path, path, (first, second) => {
        const isSamePath = JSON.stringify(first) === JSON.stringify(second);
        expect(formatPath(first) === formatPath(second)).toBe(isSamePath);
      }),
    );
  });
});

// Helpers

/** Nested sections of few keys, so that layers collide. */
function sectionOf(leaf: fc.Arbitrary<JsonValue>): fc.Arbitrary<Record<string, JsonValue>> {
  const key = fc.constantFrom('a', 'b', 'c');
  return fc.letrec<{ section: Record<string, JsonValue> }>((tie) => ({
    section: fc.dictionary(key, fc.oneof({ depthSize: 'small' }, leaf, tie('section')), {
      minKeys: 1,
      maxKeys: 3,
    }),
  })).section;
}

const LAYER: LayerName = 'argument';

function layerOf(value: unknown, source: string): ConfigLayer {
  return { layer: LAYER, settings: [{ path: [], value, source }] };
}

function originOf(source: string): Origin {
  return { layer: LAYER, source };
}

type Path = readonly (string | number)[];

function isSection(value: unknown): value is Record<string, JsonValue> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The value at each key from the topmost section on: the highest that has one decides whether it is a section. */
function naiveMerge(sections: readonly unknown[]): JsonValue {
  const top = sections.at(-1);
  if (!isSection(top)) return z.json().parse(top);
  const start = sections.findLastIndex((each) => !isSection(each)) + 1;
  const merged = sections.slice(start).filter(isSection);
  const keys = new Set(merged.flatMap((each) => Object.keys(each)));
  return Object.fromEntries(
    Array.from(keys, (key) => {
      return [key, naiveMerge(merged.filter((each) => key in each).map((each) => each[key]))];
    }),
  );
}

function leavesOf(value: JsonValue, path: Path, areListsWhole = false): [Path, JsonValue][] {
  if (isSection(value)) {
    return Object.entries(value).flatMap(([key, each]) => leavesOf(each, [...path, key], areListsWhole)); // prettier-ignore
  }
  if (!Array.isArray(value) || areListsWhole) return [[path, value]];
  const items: readonly JsonValue[] = value;
  return items.flatMap((item, index) => leavesOf(item, [...path, index]));
}

function valueAt(value: unknown, path: Path): unknown {
  let current = value;
  for (const segment of path) {
    if (typeof current !== 'object' || current === null) return undefined;
    current = Object.entries(current).find(([key]) => key === String(segment))?.[1];
  }
  return current;
}

/** Whether `value` sets what stands at `path`, or replaces a whole that it is part of. */
function isAbout(value: unknown, path: Path): boolean {
  const [segment, ...rest] = path;
  if (segment === undefined || !isSection(value)) return true;
  return segment in value && isAbout(value[segment], rest);
}

function plainOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plainOf);
  if (!(value instanceof Map)) return value;
  return Object.fromEntries(Array.from(value, ([key, each]) => [key, plainOf(each)]));
}
