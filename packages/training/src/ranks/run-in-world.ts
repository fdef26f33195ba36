import {
  heedLauncher,
  launchUnderMpi,
  openWorld,
  type RankNumbers,
  visibleDevice,
  type World,
  worldPlaceOf,
} from '@pixelis/distributed';
import { EXIT_CODES, UsageError } from '@pixelis/core';
import { sendCommands } from './rank-messages';
import { serveRank } from './serve-rank';

/** What {@link runRanks} runs. */
export interface RankedProgram {
  /** As `hardware.num_gpus`: processes to train on; 0 leaves it to whoever started this one. */
  readonly processes: number;
  /** Arguments of `node` by which the program starts again: its own options, the program, the program's arguments. */
  readonly argv: readonly string[];
  /** Makes a rank but 0 ready to compute: sets the backend. */
  readonly prepare: (world: World) => Promise<unknown>;
  /** The program itself, on rank 0 or on a process alone; what it throws fails. */
  readonly main: (world: World) => Promise<unknown>;
}

/**
 * Runs a program that trains on `processes` processes, one for each device. A process alone starts them under `mpirun`
 * and gives their exit code; one that `mpirun` or `srun` started is a rank: rank 0 runs `main`, and the others serve it.
 * Each rank sees the GPU of its place among those of its machine, and no other.
 *
 * @returns The exit code.
 * @throws {UsageError} `WORLD_OF_ANOTHER_SIZE` if this process was started as one of another number.
 * @throws {EnvironmentError} If MPI is missing, or a process was lost.
 */
export async function runRanks(program: RankedProgram): Promise<number> {
  const { processes, argv } = program;
  const place = worldPlaceOf(process.env);
  if (place === undefined && processes > 1) return launchUnderMpi({ count: processes, argv });
  if (place !== undefined) takePlace(place, processes);
  await runInWorld(openWorld(place), program);
  return EXIT_CODES.done;
}

/**
 * Runs `main` on rank 0 of a world and serves it on the others until it ends, then closes the world.
 */
export async function runInWorld(
  world: World,
  { prepare, main }: Pick<RankedProgram, 'prepare' | 'main'>,
): Promise<void> {
  if (!world.isRoot) return serveUntilEnd(world, prepare);
  try {
    await main(world);
  } finally {
    await sendCommands(world, { kind: 'end' });
    await world.close();
  }
}

async function serveUntilEnd(world: World, prepare: RankedProgram['prepare']): Promise<void> {
  // A signal to all ranks is for rank 0, which ends in order and then has these end.
  const ignore = (): void => undefined;
  process.on('SIGINT', ignore).on('SIGTERM', ignore);
  try {
    await prepare(world);
    await serveRank(world);
    await world.close();
  } finally {
    process.off('SIGINT', ignore).off('SIGTERM', ignore);
  }
}

function takePlace({ rank, size, localRank }: RankNumbers, processes: number): void {
  if (processes !== 0 && processes !== size) {
    throw new UsageError(
      `hardware.num_gpus is ${processes}, but this is one of ${size} processes that were started`,
      {
        code: 'WORLD_OF_ANOTHER_SIZE',
        remedy: `start ${processes} processes, or leave hardware.num_gpus out`,
      },
    );
  }
  process.env['CUDA_VISIBLE_DEVICES'] = visibleDevice(
    localRank,
    process.env['CUDA_VISIBLE_DEVICES'],
  );
  heedLauncher(rank);
}
