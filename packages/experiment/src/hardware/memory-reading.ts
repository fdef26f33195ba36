import { readFileSync } from 'node:fs';
import { freemem, totalmem } from 'node:os';
import { join } from 'node:path';

/** Where the limits of a container are read; a test gives other folders. */
export interface MemorySources {
  /** @default '/proc' */
  readonly proc?: string;
  /** @default '/sys/fs/cgroup' */
  readonly cgroup?: string;
}

/** Memory in use and the most there is, in bytes. */
interface MemoryUse {
  readonly used: number;
  readonly total: number;
}

/**
 * The memory of this process (`memory_bytes`, its resident set, and `heap_bytes`) and of all that shares its limit:
 * `system_memory_bytes` of `system_memory_total_bytes`. In a container with a limit these are the container's. Memory
 * that the system gives back when asked, such as its cache of files, does not count as used.
 */
export function readMemory(sources: MemorySources = {}): Record<string, number> {
  const { used, total } = containerMemory(sources) ?? systemMemory(sources);
  return {
    memory_bytes: process.memoryUsage.rss(),
    heap_bytes: process.memoryUsage().heapUsed,
    system_memory_bytes: used,
    system_memory_total_bytes: total,
  };
}

function systemMemory({ proc = '/proc' }: MemorySources): MemoryUse {
  const total = totalmem();
  const available = /^MemAvailable:\s+(\d+) kB$/m.exec(readText(join(proc, 'meminfo')) ?? '')?.[1];
  return { used: total - (available === undefined ? freemem() : Number(available) * 1024), total };
}

/** What the cgroup of this process may use (cgroup v2, else v1); undefined without a limit below the machine's memory. */
function containerMemory({
  proc = '/proc',
  cgroup = '/sys/fs/cgroup',
}: MemorySources): MemoryUse | undefined {
  const groups = readText(join(proc, 'self', 'cgroup'));
  if (groups === undefined) return undefined;
  const unified = /^0::(\/.*)$/m.exec(groups)?.[1];
  const memory = /^\d+:(?:[^:]*,)?memory(?:,[^:]*)?:(\/.*)$/m.exec(groups)?.[1];
  // A container sees its own group as the root of the hierarchy, whatever path the outside knows it by.
  const candidates = [
    ...[unified, '/'].map((path) => path && readGroup(join(cgroup, path), V2)),
    ...[memory, '/'].map((path) => path && readGroup(join(cgroup, 'memory', path), V1)),
  ];
  return candidates.find((use) => typeof use === 'object' && use.total < totalmem()) || undefined;
}

/** Names of the files of a version of cgroups, and of the line of `memory.stat` that counts the cache that can be given back. */
const V2 = { limit: 'memory.max', used: 'memory.current', cache: 'inactive_file' };
const V1 = {
  limit: 'memory.limit_in_bytes',
  used: 'memory.usage_in_bytes',
  cache: 'total_inactive_file',
};

function readGroup(folder: string, names: typeof V2): MemoryUse | undefined {
  const [limit, used] = [names.limit, names.used].map((name) => readText(join(folder, name)));
  if (limit === undefined || used === undefined || limit.trim() === 'max') return undefined;
  const stat = readText(join(folder, 'memory.stat')) ?? '';
  const cache = new RegExp(`^${names.cache} (\\d+)$`, 'm').exec(stat)?.[1] ?? '0';
  return { used: Math.max(0, Number(used) - Number(cache)), total: Number(limit) };
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return undefined;
  }
}
