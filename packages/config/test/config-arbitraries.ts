import fc from 'fast-check';
import type { ConfigSetting } from '../src/config-layer';

const count = fc.integer({ min: 1, max: 1000 });
const ratio = fc.double({ min: 0, max: 1, noNaN: true });
const positive = fc.double({ min: 1e-9, max: 10, noNaN: true });
const level = fc.constantFrom('simple', 'medium', 'hard', 'a.b', 'é "x"');
const mixture = fc.dictionary(level, fc.double({ min: 0.1, max: 1, noNaN: true }), { minKeys: 1 });
const criterion = fc.record(
  { metric: level, threshold: ratio, direction: fc.constantFrom('max', 'min') },
  { requiredKeys: ['metric', 'threshold'] },
);
const exit = fc.oneof(criterion, fc.array(criterion, { maxLength: 2 }));
const stage = fc.record({ name: level, exit, mixture }, { requiredKeys: ['name', 'mixture'] });

/** Values that are valid whatever else is set, by the path of a setting. */
const values: Readonly<Record<string, fc.Arbitrary<unknown>>> = {
  'training.seed': fc.maxSafeNat(),
  'training.steps': count,
  'training.shards': fc.integer({ min: 1, max: 64 }),
  'training.learning_rate': positive,
  'training.beta2': fc.double({ min: 0, max: 0.99, noNaN: true }),
  'training.deterministic_mode': fc.boolean(),
  'training.precision': fc.constantFrom('f32', 'bf16'),
  'data.dataset': fc.string({ minLength: 1, maxLength: 9 }),
  'data.directory': fc.oneof(
    fc.constant(null),
    fc.constantFrom('data', 'C:\\mnist #1', '[secret]'),
  ),
  'data.num_workers': fc.integer({ min: 0, max: 64 }),
  'curriculum.smoothing_window_size': count,
  'curriculum.stages.0.mixture.simple': positive,
  'curriculum.stages.0.mixture.new': positive,
  'curriculum.stages.1.name': fc.constantFrom('second', 'medium 2'),
  'curriculum.stages.1.exit': fc.constant([]),
  'curriculum.stages.0.exit.0.threshold': ratio,
  'model.mlp_ratio': fc.integer({ min: 1, max: 16 }),
  'model.heads': fc.constantFrom(1, 2, 4),
  'hardware.backend': fc.constantFrom('wasm', 'cpu', 'gpu', 'webgpu', 'reference', 'auto'),
  'hardware.threads': fc.oneof(fc.constant(null), fc.integer({ min: 1, max: 256 })),
  'hardware.num_gpus': fc.integer({ min: 0, max: 8 }),
};

/** What a layer may set, valid whatever other layers set; the first also replaces lists as a whole. */
export function validSettings({ hasLists = false } = {}): fc.Arbitrary<ConfigSetting[]> {
  const single = fc.subarray(Object.keys(values)).chain((keys) => {
    return fc.tuple(...keys.map((key) => settingOf(key, values[key] ?? fc.constant(null))));
  });
  if (!hasLists) return single;
  const stages = fc
    .uniqueArray(stage, { selector: ({ name }) => name, minLength: 2, maxLength: 3 })
    .map((list) => list.map((each) => ({ ...each, exit: [each.exit ?? []].flat() })))
    .filter((list) => list[0]?.exit.length !== 0);
  return fc
    .tuple(settingOf('curriculum.stages', stages), fc.boolean(), single)
    .map(([list, isIn, others]) => (isIn ? [list, ...others] : others));
}

function settingOf(key: string, value: fc.Arbitrary<unknown>): fc.Arbitrary<ConfigSetting> {
  const source = fc.constantFrom(key, '--option', 'a b');
  return fc
    .tuple(value, source)
    .map(([value, source]) => ({ path: key.split('.'), value, source }));
}
