import { env, type KernelFunc, type TensorInfo, util } from '@tensorflow/tfjs-core';
import { type ComputeProgram, dispatchOf, shaderOf, uniformBytes } from './compute-program';
import { asWebgpuBackend, type WebgpuBackend } from './webgpu-backend';

/** What a program runs on. */
export interface DispatchOptions {
  /** In the order of the program's inputs. */
  readonly inputs: readonly TensorInfo[];
  /** Shapes of the outputs, in their order. */
  readonly shapes: readonly number[][];
  /** Without `groups`. */
  readonly uniforms: Readonly<Record<string, number>>;
  readonly groups: number;
}

/**
 * Runs programs of ours on tfjs's WebGPU backend, several outputs each, in the pass of its own programs, so that their order
 * is that of the calls and commands are sent together.
 */
export class Dispatcher {
  readonly backend: WebgpuBackend;
  private readonly pipelines = new Map<ComputeProgram, GPUComputePipeline>();

  /**
   * @param product tfjs's kernel of the batched matrix product.
   * @throws {EnvironmentError} If the backend is not that of version 4.22.
   */
  constructor(
    backend: unknown,
    private readonly product: KernelFunc,
  ) {
    this.backend = asWebgpuBackend(backend);
  }

  /** The outputs of a program. Where there is nothing to compute from, since an input is empty, they are zeros. */
  run(program: ComputeProgram, options: DispatchOptions): TensorInfo[] {
    const { inputs, shapes, groups, uniforms } = options;
    const isEmpty = groups === 0 || inputs.some(({ shape }) => util.sizeFromShape(shape) === 0);
    const outputs = shapes.map((shape) =>
      this.backend.makeTensorInfo(
        shape,
        'float32',
        ...(isEmpty ? [new Float32Array(util.sizeFromShape(shape))] : []),
      ),
    );
    if (!isEmpty) {
      const uniformBuffer = this.uniformBuffer(uniformBytes(program, { ...uniforms, groups }));
      const buffers = [...[...outputs, ...inputs].map((one) => this.buffer(one)), uniformBuffer];
      this.record(this.pipeline(program), { buffers, groups });
    }
    return outputs;
  }

  /** As {@link run}, of a program with one output. */
  runOne(
    program: ComputeProgram,
    { shape, ...options }: Omit<DispatchOptions, 'shapes'> & { readonly shape: number[] },
  ): TensorInfo {
    const [output] = this.run(program, { ...options, shapes: [shape] });
    if (output === undefined) throw new TypeError(`Program ${program.name} has no output`);
    return output;
  }

  /** a · b for each pair of matrices of two tensors of rank 3, either of them transposed. */
  matMul(
    a: TensorInfo,
    b: TensorInfo,
    { transposeA = false, transposeB = false } = {},
  ): TensorInfo {
    const result = this.product({
      inputs: { a, b },
      backend: this.backend,
      attrs: { transposeA, transposeB },
    });
    const [product] = [result].flat(1);
    if (product === undefined) throw new TypeError('A matrix product has no output');
    return product;
  }

  /** Gives tensors back that were made on the way to a result. */
  dispose(tensors: readonly TensorInfo[]): void {
    for (const { dataId } of tensors) this.backend.disposeData(dataId);
  }

  private buffer({ dataId }: TensorInfo): GPUBuffer {
    this.backend.uploadToGPU(dataId);
    this.backend.commandQueueOwnedIds.add(dataId);
    const { resource } = this.backend.tensorMap.get(dataId);
    if (!(resource instanceof GPUBuffer)) throw new TypeError('A tensor is not in a buffer');
    return resource;
  }

  private uniformBuffer(bytes: ArrayBuffer): GPUBuffer {
    const { bufferManager, device, uniformPendingDisposal } = this.backend;
    const usage = GPUBufferUsage.COPY_DST | GPUBufferUsage.UNIFORM;
    const buffer = bufferManager.acquireBuffer(bytes.byteLength, usage);
    device.queue.writeBuffer(buffer, 0, bytes);
    uniformPendingDisposal.push(buffer);
    return buffer;
  }

  private pipeline(program: ComputeProgram): GPUComputePipeline {
    const present = this.pipelines.get(program);
    if (present !== undefined) return present;
    const { device } = this.backend;
    const module = device.createShaderModule({ code: shaderOf(program), label: program.name });
    const pipeline = device.createComputePipeline({
      label: program.name,
      layout: 'auto',
      compute: { module, entryPoint: 'main' },
    });
    this.pipelines.set(program, pipeline);
    return pipeline;
  }

  private record(
    pipeline: GPUComputePipeline,
    { buffers, groups }: { readonly buffers: readonly GPUBuffer[]; readonly groups: number },
  ): void {
    const { backend } = this;
    const bindGroup = backend.device.createBindGroup({
      layout: pipeline.getBindGroupLayout(0),
      entries: buffers.map((buffer, binding) => ({ binding, resource: { buffer } })),
    });
    backend.ensureCommandEncoderReady();
    backend.computePassEncoder ??= backend.commandEncoder?.beginComputePass() ?? null;
    const pass = backend.computePassEncoder;
    if (pass === null) throw new TypeError('The backend "webgpu" records no commands');
    pass.setPipeline(pipeline);
    pass.setBindGroup(0, bindGroup);
    pass.dispatchWorkgroups(...dispatchOf(groups));
    backend.dispatchCountInPass++;
    if (backend.dispatchCountInPass >= env().getNumber('WEBGPU_DEFERRED_SUBMIT_BATCH_SIZE')) {
      backend.endComputePassEncoder();
      backend.submitQueue();
    }
  }
}
