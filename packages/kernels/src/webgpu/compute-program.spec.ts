import { type ComputeProgram, dispatchOf, shaderOf, uniformBytes } from './compute-program';

const PROGRAM: ComputeProgram = {
  name: 'scale',
  inputs: { x: 'f32', ids: 'i32' },
  outputs: ['value', 'other'],
  uniforms: { count: 'u32', factor: 'f32' },
  workgroupSize: 64,
  declarations: 'const HALF = 0.5;',
  body: 'value[lane] = x[lane] * u.factor;',
};

describe('shaderOf()', () => {
  it('binds outputs, inputs and uniforms one after another', () => {
    const bindings = [...shaderOf(PROGRAM).matchAll(/@binding\((\d)\) var<(.*?)> (\w+): (.*);/g)];

    expect(bindings.map(([, ...parts]) => parts)).toEqual([
      ['0', 'storage, read_write', 'value', 'array<f32>'],
      ['1', 'storage, read_write', 'other', 'array<f32>'],
      ['2', 'storage, read', 'x', 'array<f32>'],
      ['3', 'storage, read', 'ids', 'array<i32>'],
      ['4', 'uniform', 'u', 'Uniforms'],
    ]);
  });

  it('declares the uniforms after the number of groups, and keeps the surplus of groups out', () => {
    const shader = shaderOf(PROGRAM);

    expect(shader).toContain('struct Uniforms { groups: u32, count: u32, factor: f32 }');
    expect(shader).toContain('@workgroup_size(64)');
    expect(shader.indexOf('const HALF = 0.5;')).toBeLessThan(shader.indexOf('fn main'));
    expect(shader.indexOf('if (group >= u.groups) { return; }')).toBeLessThan(
      shader.indexOf(PROGRAM.body),
    );
  });
});

describe('uniformBytes()', () => {
  it('writes each value in its type and place', () => {
    const view = new DataView(uniformBytes(PROGRAM, { factor: 0.5, count: 70_000, groups: 3 }));

    expect([view.getUint32(0, true), view.getUint32(4, true), view.getFloat32(8, true)]).toEqual([
      3, 70_000, 0.5,
    ]);
    expect(view.byteLength).toBe(12);
  });

  it('names a value that is missing', () => {
    expect(() => uniformBytes(PROGRAM, { count: 1, groups: 1 })).toThrow(
      new TypeError('Cannot run scale: uniform factor is missing'),
    );
  });
});

describe('dispatchOf()', () => {
  it.each([1, 2, 65_535, 65_536, 65_537, 131_071, 10_000_019, 4_000_000_000])(
    'covers %i groups within the limit of a dimension, with few to spare',
    (groups) => {
      const [x, y] = dispatchOf(groups);

      expect(Math.max(x, y)).toBeLessThanOrEqual(65_535);
      expect(x * y).toBeGreaterThanOrEqual(groups);
      expect(x * y - groups).toBeLessThan(y);
    },
  );
});
