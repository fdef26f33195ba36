import { readFileSync } from 'node:fs';
import { cpus } from 'node:os';

/** Processor time since some fixed moment, in a unit that cancels out. */
interface ProcessorTimes {
  readonly busy: number;
  readonly total: number;
}

/** Measures how busy the processors were between two readings. */
export class CpuMeter {
  #process = process.cpuUsage();
  #machine = readProcessorTimes();
  #readAtMs = performance.now();

  /**
   * The use since the reading before: `cpu_percent` of the whole machine, from 0 to 100, and `process_cpu_percent` of this
   * process with its threads, where 100 is one core. Empty where no time has passed that could be measured.
   */
  read(): Record<string, number> {
    const now = performance.now();
    const used = process.cpuUsage(this.#process);
    const machine = readProcessorTimes();
    const elapsedMs = now - this.#readAtMs;
    const total = machine.total - this.#machine.total;
    const busy = machine.busy - this.#machine.busy;
    this.#process = process.cpuUsage();
    this.#machine = machine;
    this.#readAtMs = now;
    return {
      ...(total > 0 ? { cpu_percent: Math.min(100, Math.max(0, (100 * busy) / total)) } : {}),
      ...(elapsedMs > 0
        ? { process_cpu_percent: (used.user + used.system) / 1000 / (elapsedMs / 100) }
        : {}),
    };
  }
}

/** Linux gives the sum in one line; asking Node there reads several files for each of perhaps hundreds of processors. */
function readProcessorTimes(): ProcessorTimes {
  try {
    return parseProcStat(readFileSync('/proc/stat', 'latin1'));
  } catch {
    let total = 0;
    let idle = 0;
    for (const { times } of cpus()) {
      total += times.user + times.nice + times.sys + times.idle + times.irq;
      idle += times.idle;
    }
    return { busy: total - idle, total };
  }
}

/** The first line of `/proc/stat`, proc_stat(5): user nice system idle iowait irq softirq steal …; guests are part of user. */
function parseProcStat(text: string): ProcessorTimes {
  const [user = 0, nice = 0, system = 0, idle = 0, iowait = 0, irq = 0, softirq = 0, steal = 0] =
    text.slice(0, text.indexOf('\n')).split(/\s+/).slice(1).map(Number);
  const busy = user + nice + system + irq + softirq + steal;
  return { busy, total: busy + idle + iowait };
}
