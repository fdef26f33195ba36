import fc from 'fast-check';

/** Any value that JSON can hold; {@link textOf} makes a number of {@link HUGE} that no float64 is. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

const HUGE = 'number 1e400';
const HEXADECIMAL = '0123456789abcdef'.split('');

/** The text of a document, in which {@link HUGE} stands for a number. */
export function textOf(document: Json): string {
  return JSON.stringify(document).replaceAll(JSON.stringify(HUGE), '1e400');
}

const text = fc.string({ unit: 'binary', maxLength: 12 });
const hash = fc.string({ unit: fc.constantFrom(...HEXADECIMAL), minLength: 64, maxLength: 64 });
const count = (min: number) => fc.integer({ min, max: Number.MAX_SAFE_INTEGER });
const number = fc.double({ noNaN: true, noDefaultInfinity: true });
const orNull = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { freq: 3 });
const segment = fc
  .string({ unit: 'binary', minLength: 1, maxLength: 12 })
  .filter((name) => !/[\\/:\x00-\x1f]|[. ]$/.test(name) && name !== '__proto__');
const path = fc.array(segment, { minLength: 1, maxLength: 3 }).map((parts) => parts.join('/'));
const paths = fc.array(path, { maxLength: 3 });
const time = fc
  .date({ noInvalidDate: true, min: new Date('0001-01-01'), max: new Date('9999-12-31') })
  .map((date) => date.toISOString());
const records = <T>(keys: fc.Arbitrary<string>, values: fc.Arbitrary<T>) =>
  fc.dictionary(
    keys.filter((key) => key !== '__proto__'),
    values,
    { maxKeys: 4, noNullPrototype: true },
  );

/** Manifests of version 1 with fields of every form that is allowed. */
export const validDocuments: fc.Arbitrary<Json> = fc.record({
  manifest_version: fc.constant(1),
  run_id: fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,99}$/),
  run_uuid: fc.uuid({ version: 7 }),
  created_at: time,
  status: fc.constant('COMPLETED'),
  seed: count(0),
  git: fc.record({ commit: orNull(text), is_dirty: orNull(fc.boolean()), remote: orNull(text) }),
  node: text,
  tfjs: orNull(text),
  tensorflow: orNull(text),
  cuda: orNull(text),
  backend: orNull(fc.record({ name: text, version: orNull(text), threads: count(1) })),
  env_lock: fc.record({ name: orNull(text), hash: orNull(hash) }),
  dataset: orNull(
    fc.record({ name: text, version: text, split: text, hashes: records(text, hash) }),
  ),
  encoder: orNull(fc.record({ arch: text, dim: count(1), weights: orNull(text) })),
  transforms: orNull(
    fc.record({
      version: text,
      normalize: fc.boolean(),
      mean: orNull(fc.array(number, { maxLength: 3 })),
      std: orNull(fc.array(number, { maxLength: 3 })),
    }),
  ),
  checkpoints: paths,
  config_path: path,
  config_resolved_path: path,
  artifacts: fc.record({ metrics: paths, figures: paths, plots: paths }),
  files: records(path, fc.record({ sha256: hash, bytes: count(0) })),
  events: fc.record({ head: hash, count: count(1) }),
  results: fc
    .tuple(records(text, number), orNull(hash))
    .map(([results, weights]) => ({ ...results, weights_sha256: weights })),
});

/** Numbers that some field refuses. */
const nearNumbers: fc.Arbitrary<Json> = fc.constantFrom<Json>(
  0,
  1,
  -1,
  1.5,
  2,
  2 ** 53,
  -(2 ** 53),
  HUGE,
);

/** Texts that some field refuses, and beside them what it just accepts. */
const nearTexts: fc.Arbitrary<Json> = fc.oneof(
  fc.constantFrom('../a', '/a', 'a//b', 'a/../b', 'a/', './a', 'a\\b', 'C:/a', 'a\u0000b', 'a ', 'a.', 'a\n', '..', '.', ' ', 'a b', 'é/ü', '.hidden'),
  fc.constantFrom('a'.repeat(64), 'A'.repeat(64), 'a'.repeat(63), 'a'.repeat(65), `${'a'.repeat(64)}\n`, 'g'.repeat(64)),
  fc.constantFrom('a', '-a', 'a'.repeat(100), 'a'.repeat(101), 'a/b', 'ä', 'a\n'),
  fc.constantFrom(
    '0190a1b2-c3d4-7e5f-8a6b-7c8d9e0f1a2b', '0190A1B2-C3D4-7E5F-8A6B-7C8D9E0F1A2B', '0190a1b2-c3d4-4e5f-8a6b-7c8d9e0f1a2b',
    '0190a1b2-c3d4-7e5f-7a6b-7c8d9e0f1a2b', '0190a1b2c3d47e5f8a6b7c8d9e0f1a2b', '{0190a1b2-c3d4-7e5f-8a6b-7c8d9e0f1a2b}',
  ),
  fc.constantFrom(
    '2026-02-28T23:59:59Z', '2026-02-29T00:00:00Z', '2024-02-29T00:00:00Z', '2026-01-01', '2026-01-01T00:00Z',
    '2026-01-01T00:00:00', '2026-01-01T00:00:00+01:00', '2026-01-01t00:00:00z', '2026-01-01T24:00:00Z',
    '2016-12-31T23:59:60Z', '2026-01-01T00:00:00.123456789Z', '2026-01-01T00:00:00.Z', '0000-01-01T00:00:00Z', '2026-13-01T00:00:00Z',
  ),
  fc.uuid(),
  time,
); // prettier-ignore

const anything = fc.oneof(
  fc.constantFrom<Json>(null, true, '', [], {}, [1], ['a'], { a: 1 }),
  fc.jsonValue({ maxDepth: 2 }) as fc.Arbitrary<Json>,
);

/** A document in which one place was changed: left out, renamed, joined by another, or replaced. */
export const changedDocuments: fc.Arbitrary<Json> = fc
  .record({
    document: validDocuments,
    field: fc.nat(),
    place: fc.nat(),
    operation: fc.constantFrom('remove', 'rename', 'add', 'replace', 'replace', 'replace'),
    key: fc.oneof(fc.constantFrom('__proto__', 'extra', 'weights_sha256', 'Seed', '../x'), text),
    value: anything,
    number: fc.oneof(nearNumbers, anything),
    text: fc.oneof(nearTexts, anything),
  })
  .map(({ document, field, place, ...edit }) => {
    const fields = placesOf(document).filter(({ length }) => length === 1);
    const [name] = fields[field % fields.length]!;
    const places = placesOf(document).filter(([first]) => first === name);
    return change(document, places[place % places.length]!, edit);
  });

type Place = readonly (string | number)[];

/** Where every member of a document stands. */
function placesOf(document: Json): Place[] {
  if (typeof document !== 'object' || document === null) return [];
  return entriesOf(document).flatMap(([key, member]) => [
    [key],
    ...placesOf(member).map((place) => [key, ...place]),
  ]);
}

function entriesOf(parent: Json[] | { [key: string]: Json }): [string | number, Json][] {
  return Array.isArray(parent) ? [...parent.entries()] : Object.entries(parent);
}

interface Change {
  operation: 'remove' | 'rename' | 'add' | 'replace';
  /** Of what is renamed or added. */
  key: string;
  /** What stands in the place of a number, of a text, or of anything else. */
  number: Json;
  text: Json;
  value: Json;
}

function change(document: Json, [first, ...rest]: Place, edit: Change): Json {
  if (typeof document !== 'object' || document === null || first === undefined) return edit.value;
  const changed = entriesOf(document).flatMap(([key, member]): [string | number, Json][] => {
    if (key !== first) return [[key, member]];
    if (rest.length > 0) return [[key, change(member, rest, edit)]];
    if (edit.operation === 'remove') return [];
    if (edit.operation === 'rename') return [[edit.key, member]];
    if (edit.operation === 'add') return [[key, member], [edit.key, edit.value]]; // prettier-ignore
    return [[key, replacementOf(member, edit)]];
  });
  return Array.isArray(document)
    ? changed.map(([, member]) => member)
    : Object.fromEntries(changed);
}

function replacementOf(member: Json, { number, text, value }: Change): Json {
  if (typeof member === 'number') return number;
  return typeof member === 'string' ? text : value;
}
