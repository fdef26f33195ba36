/** A compute shader, told by its parts. Every buffer is an array of numbers; those that come out are of f32. */
export interface ComputeProgram {
  readonly name: string;
  /** Type of the numbers of each input, in the order of its bindings. */
  readonly inputs: Readonly<Record<string, 'f32' | 'i32'>>;
  readonly outputs: readonly string[];
  /** Members of `u`, in order; `u.groups` comes before them. */
  readonly uniforms: Readonly<Record<string, 'u32' | 'f32'>>;
  /** Invocations of a workgroup, at most 256; `SIZE` in the shader. */
  readonly workgroupSize: number;
  /** Declarations of the module: constants, functions, workgroup variables. */
  readonly declarations?: string;
  /** What an invocation does, given `group`, below `u.groups` and the same in a workgroup, and `lane`, below `SIZE`. */
  readonly body: string;
}

/** The most workgroups of one dimension that every device can start. */
const MAXIMUM_GROUPS = 65_535;

/** The WGSL of a program: outputs, inputs and uniforms are bound in that order. */
export function shaderOf(program: ComputeProgram): string {
  const { inputs, outputs, uniforms, workgroupSize, declarations = '', body } = program;
  const buffers = [
    ...outputs.map((name) => `var<storage, read_write> ${name}: array<f32>;`),
    ...Object.entries(inputs).map(([name, type]) => `var<storage, read> ${name}: array<${type}>;`),
    'var<uniform> u: Uniforms;',
  ];
  const members = Object.entries({ groups: 'u32', ...uniforms });
  return `
struct Uniforms { ${members.map(([name, type]) => `${name}: ${type}`).join(', ')} }
${buffers.map((buffer, index) => `@group(0) @binding(${index}) ${buffer}`).join('\n')}
const SIZE = ${workgroupSize}u;
${declarations}
@compute @workgroup_size(${workgroupSize})
fn main(
  @builtin(workgroup_id) workgroup: vec3<u32>,
  @builtin(num_workgroups) extents: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
) {
  let group = workgroup.y * extents.x + workgroup.x;
  if (group >= u.groups) { return; }
  ${body}
}
`;
}

/** The dimensions of a dispatch of at least `groups` workgroups; the shader leaves the surplus out. */
export function dispatchOf(groups: number): [x: number, y: number] {
  const y = Math.ceil(groups / MAXIMUM_GROUPS);
  return [Math.ceil(groups / y), y];
}

/**
 * The bytes of a program's uniforms.
 *
 * @throws {TypeError} If a value is missing.
 */
export function uniformBytes(
  { name, uniforms }: ComputeProgram,
  values: Readonly<Record<string, number>>,
): ArrayBuffer {
  const members = Object.entries({ groups: 'u32', ...uniforms });
  const view = new DataView(new ArrayBuffer(4 * members.length));
  for (const [index, [member, type]] of members.entries()) {
    const value = values[member];
    if (value === undefined)
      throw new TypeError(`Cannot run ${name}: uniform ${member} is missing`);
    if (type === 'f32') view.setFloat32(4 * index, value, true);
    else view.setUint32(4 * index, value, true);
  }
  return view.buffer;
}
