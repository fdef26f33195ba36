import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { totalmem, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { readMemory } from './memory-reading';

/** Makes `/proc` and `/sys/fs/cgroup` of a container. */
function container(files: Readonly<Record<string, string>>): { proc: string; cgroup: string } {
  const folder = mkdtempSync(join(tmpdir(), 'pixelis-memory-'));
  folders.push(folder);
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  return { proc: join(folder, 'proc'), cgroup: join(folder, 'cgroup') };
}

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

describe('readMemory()', () => {
  it('tells of this process and of the machine', () => {
    const memory = readMemory();
    expect(memory['memory_bytes']).toBeGreaterThan(memory['heap_bytes']!);
    expect(memory['system_memory_bytes']).toBeGreaterThan(0);
    expect(memory['system_memory_bytes']).toBeLessThanOrEqual(memory['system_memory_total_bytes']!);
  });

  it('takes the limit of a container by cgroup v2, without the cache of files', () => {
    const sources = container({
      'proc/self/cgroup': '0::/app.slice/job\n',
      'cgroup/app.slice/job/memory.max': '1000000\n',
      'cgroup/app.slice/job/memory.current': '700000\n',
      'cgroup/app.slice/job/memory.stat': 'anon 1\nactive_file 5\ninactive_file 200000\n',
    });
    expect(readMemory(sources)).toMatchObject({
      system_memory_bytes: 500_000,
      system_memory_total_bytes: 1_000_000,
    });
  });

  it('finds the limit at the root, where a container sees its own group', () => {
    const sources = container({
      'proc/self/cgroup': '0::/docker/0123\n',
      'cgroup/memory.max': '1000000\n',
      'cgroup/memory.current': '700000\n',
    });
    expect(readMemory(sources)).toMatchObject({ system_memory_bytes: 700_000 });
  });

  it('takes the limit of a container by cgroup v1', () => {
    const sources = container({
      'proc/self/cgroup': '5:cpu,cpuacct:/x\n4:memory:/job\n0::/\n',
      'cgroup/memory/job/memory.limit_in_bytes': '2000000\n',
      'cgroup/memory/job/memory.usage_in_bytes': '700000\n',
      'cgroup/memory/job/memory.stat': 'inactive_file 1\ntotal_inactive_file 100000\n',
    });
    expect(readMemory(sources)).toMatchObject({
      system_memory_bytes: 600_000,
      system_memory_total_bytes: 2_000_000,
    });
  });

  it.each(['max', '9223372036854771712'])('takes a limit of %s for none', (limit) => {
    const sources = container({
      'proc/self/cgroup': '0::/\n',
      'proc/meminfo': 'MemTotal: 1 kB\nMemAvailable:    1000 kB\n',
      'cgroup/memory.max': `${limit}\n`,
      'cgroup/memory.current': '700000\n',
    });
    expect(readMemory(sources)).toMatchObject({
      system_memory_bytes: totalmem() - 1000 * 1024,
      system_memory_total_bytes: totalmem(),
    });
  });
});
