import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HardwareMonitor } from './hardware-monitor';

type Values = Readonly<Record<string, number>>;

const folder = mkdtempSync(join(tmpdir(), 'pixelis-hardware-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** A program that stands in for nvidia-smi. */
function fakeSmi(name: string, script: string): [string, ...string[]] {
  const path = join(folder, `${name}.cjs`);
  writeFileSync(path, script);
  return [process.execPath, path];
}

/** Monitors by hand: no timer fires before the test is over. */
function monitorByHand(gpuCommand: [string, ...string[]] = ['no-such-program']) {
  const samples: Values[] = [];
  const record = (values: Values) => void samples.push(values);
  return { samples, monitor: new HardwareMonitor({ intervalMs: 600_000, record, gpuCommand }) };
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
}

describe('HardwareMonitor', () => {
  it('samples processors and memory', () => {
    const { samples, monitor } = monitorByHand();
    const end = process.cpuUsage().user + 20_000;
    while (process.cpuUsage().user < end);
    monitor.stop();
    const [values] = samples;
    expect(values).toMatchObject({
      memory_bytes: expect.any(Number) as number,
      heap_bytes: expect.any(Number) as number,
      system_memory_bytes: expect.any(Number) as number,
      system_memory_total_bytes: expect.any(Number) as number,
    });
    expect(values!['cpu_percent']).toBeGreaterThanOrEqual(0);
    expect(values!['cpu_percent']).toBeLessThanOrEqual(100);
    expect(values!['process_cpu_percent']).toBeGreaterThan(0);
    expect(Object.values(values!).every(Number.isFinite)).toBe(true);
  });

  it('samples by itself at its interval, until it is stopped', async () => {
    const samples: Values[] = [];
    const monitor = new HardwareMonitor({
      intervalMs: 10,
      record: (values) => void samples.push(values),
      gpuCommand: ['no-such-program'],
    });
    await until(() => samples.length >= 3);
    const { sampleCount } = monitor.stop();
    expect(sampleCount).toBe(samples.length);
    monitor.sample();
    expect(monitor.stop().sampleCount).toBe(sampleCount);
    expect(samples).toHaveLength(sampleCount);
  });

  it('sums up by mean and maximum over the samples that have a key', () => {
    const { samples, monitor } = monitorByHand();
    monitor.sample();
    monitor.sample();
    const { mean, max, sampleCount, error } = monitor.stop();
    expect({ sampleCount, error }).toEqual({ sampleCount: 3, error: null });
    for (const key of ['memory_bytes', 'heap_bytes']) {
      const values = samples.map((sample) => sample[key]!);
      expect(mean[key]).toBeCloseTo(values.reduce((a, b) => a + b) / 3, 3);
      expect(max[key]).toBe(Math.max(...values));
    }
  });

  it('samples GPUs through one nvidia-smi, without what a GPU does not tell', async () => {
    const argvFile = join(folder, 'argv');
    const smi = fakeSmi(
      'two',
      `require('node:fs').writeFileSync(${JSON.stringify(argvFile)}, process.argv.slice(2).join(' '));
       console.log('0, 35, 1024, 8192, 61, 75.50\\n1, [N/A], 2, 8192, [Not Supported], 30');
       console.log('Unable to determine the device handle for GPU0000:01:00.0');
       setInterval(() => {}, 1000);`,
    );
    const { samples, monitor } = monitorByHand(smi);
    await until(() => {
      monitor.sample();
      return samples.some((values) => 'gpu_power_watts/1' in values);
    });
    monitor.stop();
    expect(samples.at(-1)).toMatchObject({
      'gpu_percent/0': 35,
      'gpu_memory_bytes/0': 1024 * 1_048_576,
      'gpu_memory_total_bytes/0': 8192 * 1_048_576,
      'gpu_temperature_celsius/0': 61,
      'gpu_power_watts/0': 75.5,
      'gpu_memory_bytes/1': 2 * 1_048_576,
      'gpu_power_watts/1': 30,
    });
    expect(samples.at(-1)).not.toHaveProperty(['gpu_percent/1']);
    expect(readFileSync(argvFile, 'utf8')).toBe(
      '--query-gpu=index,utilization.gpu,memory.used,memory.total,temperature.gpu,power.draw --format=csv,noheader,nounits -lms 600000',
    );
  });

  it('ends an nvidia-smi that hangs and heeds no signal', async () => {
    const pidFile = join(folder, 'pid');
    const smi = fakeSmi(
      'hangs',
      `process.on('SIGTERM', () => {});
       require('node:fs').writeFileSync(${JSON.stringify(pidFile)}, String(process.pid));
       setInterval(() => {}, 1000);`,
    );
    const { samples, monitor } = monitorByHand(smi);
    await until(() => existsSync(pidFile) && readFileSync(pidFile, 'utf8') !== '');
    monitor.stop();
    const pid = Number(readFileSync(pidFile, 'utf8'));
    await until(() => !isRunning(pid));
    expect(Object.keys(samples[0]!).filter((key) => key.startsWith('gpu'))).toEqual([]);
  });

  it.each([
    ['ends at once with an error', 'process.exit(9)'],
    ['prints nonsense', `process.stdout.write('x'.repeat(1e5) + '\\n,,,,\\n-1, 5\\n0x1, 5\\n')`],
  ])('is not harmed by an nvidia-smi that %s', async (name, script) => {
    const marker = join(folder, `${name}.done`);
    const smi = fakeSmi(
      name,
      `process.on('exit', () => require('node:fs').writeFileSync(${JSON.stringify(marker)}, ''));\n${script}`,
    );
    const { samples, monitor } = monitorByHand(smi);
    await until(() => existsSync(marker));
    expect(monitor.stop()).toMatchObject({ sampleCount: 1, error: null });
    expect(Object.keys(samples[0]!).filter((key) => key.startsWith('gpu'))).toEqual([]);
  });

  it('stops, and throws nothing, when a sample cannot be recorded', () => {
    const record = jest.fn(() => {
      throw new Error('no space left');
    });
    const monitor = new HardwareMonitor({ intervalMs: 600_000, record, gpuCommand: ['none'] });
    monitor.sample();
    monitor.sample();
    expect(monitor.stop()).toMatchObject({ sampleCount: 0, error: 'no space left' });
    expect(record).toHaveBeenCalledTimes(1);
  });

  it('takes at most 1 % of a core at its default interval', () => {
    const { monitor } = monitorByHand();
    monitor.sample();
    const count = 200;
    const before = process.cpuUsage();
    for (let i = 0; i < count; i++) monitor.sample();
    const { user, system } = process.cpuUsage(before);
    monitor.stop();
    expect((user + system) / 1000 / count).toBeLessThan(0.01 * 5000);
  });

  it.each([0, 9, NaN, Infinity])('refuses an interval of %d ms', (intervalMs) => {
    expect(() => new HardwareMonitor({ intervalMs, record: () => undefined })).toThrow(
      `intervalMs must be >= 10: current value is ${intervalMs}`,
    );
  });
});

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
