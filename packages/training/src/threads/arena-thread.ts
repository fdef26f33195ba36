import { type ParameterArena, tensorValues } from '@pixelis/kernels';
import * as tf from '@tensorflow/tfjs';
import type { AdamWScalars } from '../optimizers/adamw';
import { clipFactor } from '../optimizers/clip-by-global-norm';
import {
  type DecayRange,
  decayRanges,
  type ParameterLayout,
  parameterNamed,
  type ParameterSpecs,
} from '../parameters';
import type { Objective } from '../trainer/objective';
import { shardGradient } from '../trainer/shard-gradient';
import type { ParameterReplica } from './parameter-replica';

/** A shard with its place in the step's order, from 0. */
export interface NumberedShard<Shard> {
  readonly index: number;
  readonly shard: Shard;
}

/** What one step asks of every thread; the same for all of them but for the shards. */
export interface StepTask<Shard> {
  /** This thread's shards in ascending order. */
  readonly shards: readonly NumberedShard<Shard>[];
  /** The loss sum of each shard of all threads, which they share. */
  readonly losses: Float64Array;
  /** Sum of the weights of all shards. */
  readonly totalWeight: number;
  readonly gradientClipNorm: number;
  readonly scalars: AdamWScalars;
}

/** What one step came to; the same in every thread. */
export interface StepOutcome {
  readonly loss: number;
  readonly gradientNorm: number;
  /** Whether the parameters were stepped: not where one of these numbers is not finite. */
  readonly isTaken: boolean;
}

/** What an {@link ArenaThread} works with. */
export interface ArenaThreadOptions<Shard> {
  readonly arena: ParameterArena;
  readonly specs: ParameterSpecs;
  /** Of those specs; see {@link arenaLayout}. */
  readonly layout: ParameterLayout;
  readonly objective: Objective<Shard>;
  /** The arena's parameters as tensors of this thread. */
  readonly replica: ParameterReplica;
}

/** One thread's part in the steps of a trainer: its shards' gradients, and its share of the arithmetic on the arena. */
export class ArenaThread<Shard> {
  private readonly ranges: readonly DecayRange[];

  constructor(private readonly options: ArenaThreadOptions<Shard>) {
    this.ranges = decayRanges(options.specs, options.layout);
  }

  /** Does this thread's part of one step; waits for the other threads where it needs theirs. */
  step(task: StepTask<Shard>): StepOutcome {
    const { arena, replica } = this.options;
    const { losses, totalWeight, gradientClipNorm, scalars } = task;
    for (const numbered of task.shards) this.addGradient(numbered, losses);
    arena.average(losses.length, totalWeight);
    arena.meet();
    const gradientNorm = arena.norm();
    const loss = losses.reduce((sum, value) => sum + value, 0) / totalWeight;
    const isTaken = Number.isFinite(loss) && Number.isFinite(gradientNorm);
    if (isTaken) {
      arena.adamW(this.ranges, { ...scalars, factor: clipFactor(gradientNorm, gradientClipNorm) });
      replica.outdate();
    }
    arena.meet();
    return { loss, gradientNorm, isTaken };
  }

  private addGradient({ index, shard }: NumberedShard<Shard>, losses: Float64Array): void {
    const { arena, objective, layout, replica } = this.options;
    const { lossSum, gradients } = shardGradient(replica.tree, { objective, layout, shard });
    const backend = tf.backend();
    losses[index] = tensorValues(backend, lossSum)[0] ?? NaN;
    arena.addShard(
      index,
      layout.parts.map(({ slot, size }) =>
        slot === undefined
          ? new Float32Array(size)
          : tensorValues(backend, parameterNamed(gradients, slot.name)),
      ),
    );
    tf.dispose([lossSum, gradients]);
  }
}
