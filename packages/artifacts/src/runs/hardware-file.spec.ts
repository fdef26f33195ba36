import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { useTemporaryFolder } from '../../test/temporary-folder';
import { HardwareFile } from './hardware-file';

const temporaryFolder = useTemporaryFolder();

function open(folder: string, seconds = 0): { file: HardwareFile; read: () => string } {
  const createdAt = new Date('2026-01-01T00:00:00Z');
  let elapsedMs = seconds * 1000;
  const now = () => new Date(createdAt.getTime() + (elapsedMs += 1500));
  const file = new HardwareFile(folder, { createdAt, now });
  return { file, read: () => readFileSync(join(folder, 'hardware.jsonl'), 'utf8') };
}

describe('HardwareFile', () => {
  it('add() writes canonical lines with the seconds since the run was created', () => {
    const { file, read } = open(temporaryFolder());
    file.add({ 'gpu_percent/0': 40, cpu_percent: 12.5 });
    file.add({ memory_bytes: 1e9 });
    file.sync();
    expect(read()).toBe(
      '{"cpu_percent":12.5,"gpu_percent/0":40,"time_s":1.5}\n{"memory_bytes":1000000000,"time_s":3}\n',
    );
    file.close();
  });

  it('HardwareFile makes no file before the first sample', () => {
    const folder = temporaryFolder();
    const { file } = open(folder);
    file.flush();
    file.sync();
    file.close();
    expect(existsSync(join(folder, 'hardware.jsonl'))).toBe(false);
  });

  it('HardwareFile goes on after the lines that are there, without one that a kill tore', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'hardware.jsonl'), '{"time_s":1}\n{"time_');
    const { file, read } = open(folder, 60);
    expect(read()).toBe('{"time_s":1}\n');
    file.add({ a: 1 });
    await file.synced();
    expect(read()).toBe('{"time_s":1}\n{"a":1,"time_s":61.5}\n');
    file.close();
  });

  it.each([{ a: NaN }, { a: Infinity }, { time_s: 1 }])('add() refuses %j', (values) => {
    const { file } = open(temporaryFolder());
    expect(() => file.add(values)).toThrow(RangeError);
    file.close();
  });
});
