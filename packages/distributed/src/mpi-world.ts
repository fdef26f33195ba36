import { EnvironmentError } from '@pixelis/core';
import { soloWorld } from './memory-world';
import { loadMpiBinding, type MpiBinding, type MpiRank } from './mpi-binding';
import type { RankNumbers, World } from './world';
import { worldPlaceOf } from './world-place';

let isEntered = false;

/**
 * The world that `mpirun` or `srun` started this process in; one of a single process, which needs no MPI, where nobody
 * did. A process that ends without having closed it ends all others.
 *
 * @param place As {@link worldPlaceOf} gives. @default that of `process.env`
 * @throws {EnvironmentError} `MPI_BINDING_MISSING` or `MPI_UNLOADABLE` if there is no binding that works,
 * `WORLD_MISMATCH` if MPI sees another world than the starter announced.
 * @throws {TypeError} If this process has entered its world before.
 */
export function openWorld(place: RankNumbers | undefined = worldPlaceOf(process.env)): World {
  if (place === undefined) return soloWorld();
  if (isEntered) throw new TypeError('Cannot open the world: a process can enter it only once');
  const binding = loadMpiBinding();
  isEntered = true;
  const world = new MpiWorld(binding, binding.init());
  requirePlace(world, place);
  return world;
}

class MpiWorld implements World {
  readonly rank: number;
  readonly size: number;
  readonly localRank: number;
  readonly description: string;
  private isClosed = false;

  constructor(
    private readonly binding: MpiBinding,
    { rank, size, localRank, processor }: MpiRank,
  ) {
    this.rank = rank;
    this.size = size;
    this.localRank = localRank;
    const [library = ''] = binding.libraryVersion().split(',');
    this.description = `${library}, on ${processor}`;
    process.on('exit', (code) => {
      // The others would wait for this rank for ever.
      if (!this.isClosed) binding.abort(code === 0 ? 1 : code);
    });
  }

  get isRoot(): boolean {
    return this.rank === 0;
  }

  send(bytes: Uint8Array, to: number): Promise<void> {
    return settled(() => this.binding.send(bytes, to));
  }

  receive(bytes: Uint8Array, from: number): Promise<void> {
    return settled(() => this.binding.receive(bytes, from));
  }

  broadcast(bytes: Uint8Array, from: number): Promise<void> {
    return settled(() => this.binding.broadcast(bytes, from));
  }

  barrier(): Promise<void> {
    return settled(() => this.binding.barrier());
  }

  close(): Promise<void> {
    return settled(() => {
      if (this.isClosed) return;
      this.binding.finalize();
      this.isClosed = true;
    });
  }
}

/** Does it at once; what it throws rejects. */
function settled(deed: () => void): Promise<void> {
  return new Promise((resolve) => {
    deed();
    resolve();
  });
}

/** A starter that cannot speak to the MPI library leaves each process alone in a world of its own. */
function requirePlace({ rank, size }: World, place: RankNumbers): void {
  if (rank === place.rank && size === place.size) return;
  throw new EnvironmentError(
    `This process was started as rank ${place.rank} of ${place.size}, but MPI sees rank ${rank} of ${size}`,
    {
      code: 'WORLD_MISMATCH',
      remedy:
        'start it by the mpirun of the MPI that the binding was built against, or by srun --mpi=pmix (srun --mpi=list shows what there is)',
    },
  );
}
