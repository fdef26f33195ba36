import type { World } from './world';

/** Who waits at a barrier. */
interface Gate {
  waiting: (() => void)[];
}

/**
 * A world within one process: as many ranks, which are coroutines rather than processes. What is meant for MPI can be
 * tested on it, in any order of events that promises take.
 *
 * @throws {RangeError} If `size` is not a positive integer.
 */
export function memoryWorlds(size: number): World[] {
  if (!Number.isInteger(size) || size < 1)
    throw new RangeError(
      `Cannot make a world: size must be an integer >= 1: current value is ${size}`,
    );
  const around = surroundings(size);
  return Array.from({ length: size }, (_, rank) => new MemoryWorld(rank, around));
}

/** The world of a process on its own. */
export function soloWorld(): World {
  return new MemoryWorld(0, surroundings(1));
}

function surroundings(size: number): Surroundings {
  const channels = new Map<string, Channel>();
  const channel = (from: number, to: number): Channel => {
    const key = `${from} ${to}`;
    const found = channels.get(key) ?? new Channel();
    channels.set(key, found);
    return found;
  };
  return { size, channel, gate: { waiting: [] } };
}

/** Messages on their way from one rank to another. */
class Channel {
  private readonly sent: Uint8Array[] = [];
  private readonly awaited: ((message: Uint8Array) => void)[] = [];

  put(message: Uint8Array): void {
    const receiver = this.awaited.shift();
    if (receiver === undefined) this.sent.push(message);
    else receiver(message);
  }

  take(): Promise<Uint8Array> {
    const message = this.sent.shift();
    if (message !== undefined) return Promise.resolve(message);
    return new Promise((resolve) => this.awaited.push(resolve));
  }
}

interface Surroundings {
  readonly size: number;
  readonly channel: (from: number, to: number) => Channel;
  readonly gate: Gate;
}

class MemoryWorld implements World {
  readonly description = 'memory of one process';

  constructor(
    readonly rank: number,
    private readonly around: Surroundings,
  ) {}

  get size(): number {
    return this.around.size;
  }

  get localRank(): number {
    return this.rank;
  }

  get isRoot(): boolean {
    return this.rank === 0;
  }

  async send(bytes: Uint8Array, to: number): Promise<void> {
    this.requireOther('send', to);
    this.around.channel(this.rank, to).put(Uint8Array.from(bytes));
    return Promise.resolve();
  }

  async receive(bytes: Uint8Array, from: number): Promise<void> {
    this.requireOther('receive', from);
    const message = await this.around.channel(from, this.rank).take();
    if (message.length !== bytes.length) {
      throw new RangeError(
        `Cannot receive: the message must have ${bytes.length} bytes: current value is ${message.length}`,
      );
    }
    bytes.set(message);
  }

  async broadcast(bytes: Uint8Array, from: number): Promise<void> {
    if (from !== this.rank) return this.receive(bytes, from);
    for (let to = 0; to < this.size; to++) if (to !== from) await this.send(bytes, to);
  }

  barrier(): Promise<void> {
    const { gate, size } = this.around;
    return new Promise((resolve) => {
      gate.waiting.push(resolve);
      if (gate.waiting.length < size) return;
      const waiting = gate.waiting;
      gate.waiting = [];
      for (const pass of waiting) pass();
    });
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  private requireOther(deed: string, other: number): void {
    const { rank, size } = this;
    if (Number.isInteger(other) && other >= 0 && other < size && other !== rank) return;
    throw new RangeError(
      `Cannot ${deed}: the other rank must be one of ${size} and not ${rank} itself: current value is ${other}`,
    );
  }
}
