import { readFileSync } from 'node:fs';
import { join, posix } from 'node:path';

/** What the system lets the process have of the machine; null where it sets no limit. */
export interface ResourceLimits {
  /** Processors, which may be a fraction. */
  readonly cpu: number | null;
  readonly memory_bytes: number | null;
}

/** Where to look. */
export interface ResourceLimitsOptions {
  /** The folder that stands for `/`. @default '/' */
  readonly root?: string;
}

/** From here on version 1 means that there is no limit; it writes the largest multiple of a page. */
const UNLIMITED_BYTES = 2 ** 60;

/** The limits of the Linux control groups, version 1 or 2, that hold the process: the tightest from its own up to the root. */
export function readResourceLimits({ root = '/' }: ResourceLimitsOptions = {}): ResourceLimits {
  const cpu: number[] = [];
  const memory: number[] = [];
  for (const line of read(join(root, 'proc/self/cgroup')).split('\n')) {
    const [, controllers, path] = /^\d+:([^:]*):(.*)$/.exec(line) ?? [];
    if (controllers === undefined || path === undefined) continue;
    for (const folder of ancestors(path)) {
      const group = (file: string) => {
        return read(join(root, 'sys/fs/cgroup', controllers, folder, file)).trim();
      };
      if (controllers === '') {
        const [quota = '', period = ''] = group('cpu.max').split(' ');
        cpu.push(limit(quota) / (Number(period) || 1));
        memory.push(limit(group('memory.max')));
      } else {
        cpu.push(limit(group('cpu.cfs_quota_us')) / (Number(group('cpu.cfs_period_us')) || 1));
        memory.push(limit(group('memory.limit_in_bytes')));
      }
    }
  }
  return { cpu: finite(Math.min(...cpu)), memory_bytes: finite(Math.min(...memory)) };
}

/** `/a/b`, `/a`, `/`: in a container the path may be one of the host, and the group stands at the root. */
function ancestors(path: string): string[] {
  const folder = posix.normalize(posix.join('/', path));
  return folder === '/' ? ['/'] : [folder, ...ancestors(posix.dirname(folder))];
}

/** Infinity for what is no limit: `max`, -1, nothing, or a number beyond any machine. */
function limit(text: string): number {
  const value = text.trim() === '' ? Infinity : Number(text);
  return value > 0 && value < UNLIMITED_BYTES ? value : Infinity;
}

function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
