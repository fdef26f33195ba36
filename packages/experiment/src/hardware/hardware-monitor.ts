import { CpuMeter } from './cpu-meter';
import { GpuReader } from './gpu-reader';
import { readMemory } from './memory-reading';

/** How a {@link HardwareMonitor} samples. */
export interface HardwareMonitorOptions {
  /** Time between two samples in milliseconds, at least 10. @default 5000 */
  readonly intervalMs?: number;
  /** Takes a sample. If it throws, the monitor stops and says so in its summary. */
  readonly record: (values: Readonly<Record<string, number>>) => void;
  /** The program that tells of the GPUs, with its first arguments. @default ['nvidia-smi'] */
  readonly gpuCommand?: readonly [string, ...string[]];
}

/** The use of the hardware over a run. */
export interface HardwareSummary {
  readonly sampleCount: number;
  /** Over the samples that have the key. */
  readonly mean: Readonly<Record<string, number>>;
  readonly max: Readonly<Record<string, number>>;
  /** Why the monitor stopped before it was asked to; null if it did not. */
  readonly error: string | null;
}

export const DEFAULT_HARDWARE_INTERVAL_MS = 5000;
const INTERVAL_MIN_MS = 10;

/**
 * Samples the use of processors, memory and GPUs from its making until {@link HardwareMonitor.stop}, which takes the last
 * sample. It never throws into the program, and never keeps the process running.
 *
 * Keys: `cpu_percent` (of the machine), `process_cpu_percent` (100 is one core), `memory_bytes` (resident), `heap_bytes`,
 * `system_memory_bytes` and `system_memory_total_bytes` (the container's where it has a limit), and for the GPU 0
 * `gpu_percent/0`, `gpu_memory_bytes/0`, `gpu_memory_total_bytes/0`, `gpu_temperature_celsius/0`, `gpu_power_watts/0`.
 */
export class HardwareMonitor {
  readonly #record: HardwareMonitorOptions['record'];
  readonly #cpu = new CpuMeter();
  readonly #gpu: GpuReader;
  readonly #timer: NodeJS.Timeout;
  readonly #counts = new Map<string, number>();
  readonly #sums = new Map<string, number>();
  readonly #maxima = new Map<string, number>();
  #sampleCount = 0;
  #error: string | null = null;
  #isStopped = false;

  /** @throws {RangeError} If the interval is not a number of at least 10 ms. */
  constructor({
    intervalMs = DEFAULT_HARDWARE_INTERVAL_MS,
    record,
    gpuCommand,
  }: HardwareMonitorOptions) {
    if (!(intervalMs >= INTERVAL_MIN_MS && Number.isFinite(intervalMs))) {
      throw new RangeError(
        `Cannot monitor the hardware: intervalMs must be >= ${INTERVAL_MIN_MS}: current value is ${intervalMs}`,
      );
    }
    this.#record = record;
    this.#gpu = new GpuReader({
      intervalMs: Math.round(intervalMs),
      ...(gpuCommand === undefined ? {} : { command: gpuCommand }),
    });
    this.#timer = setInterval(() => this.sample(), intervalMs).unref();
  }

  /** Takes a sample now, as the timer does. */
  sample(): void {
    if (this.#isStopped) return;
    try {
      const values = { ...this.#cpu.read(), ...readMemory(), ...this.#gpu.read() };
      this.#record(values);
      this.#count(values);
    } catch (error) {
      this.#error = error instanceof Error ? error.message : String(error);
      this.#end();
    }
  }

  /** Takes a last sample, stops, and sums up. A second call gives the same summary. */
  stop(): HardwareSummary {
    this.sample();
    this.#end();
    const mean = [...this.#sums].map(([key, sum]) => [key, sum / (this.#counts.get(key) ?? 1)]);
    return {
      sampleCount: this.#sampleCount,
      mean: Object.fromEntries(mean) as Record<string, number>,
      max: Object.fromEntries(this.#maxima),
      error: this.#error,
    };
  }

  #count(values: Readonly<Record<string, number>>): void {
    this.#sampleCount += 1;
    for (const [key, value] of Object.entries(values)) {
      this.#counts.set(key, (this.#counts.get(key) ?? 0) + 1);
      this.#sums.set(key, (this.#sums.get(key) ?? 0) + value);
      this.#maxima.set(key, Math.max(this.#maxima.get(key) ?? -Infinity, value));
    }
  }

  #end(): void {
    this.#isStopped = true;
    clearInterval(this.#timer);
    this.#gpu.stop();
  }
}
