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
  type ParameterTree,
} from '../parameters';
import type { Objective } from '../trainer/objective';
import { shardGradient } from '../trainer/shard-gradient';
import type { ParameterReplica } from './parameter-replica';

/** Gradients that a thread holds until those before them are added, so that it need not wait; each takes memory. */
const HELD_GRADIENTS = 2;

/** A shard's gradient that is still to be added. */
interface HeldGradient {
  readonly index: number;
  readonly gradients: ParameterTree;
}

/** What one step asks of every thread. */
export interface StepTask<Shard> {
  /** All shards in their order; the threads take them one by one. */
  readonly shards: readonly Shard[];
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
    this.addGradients(task);
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

  private addGradients({ shards, losses }: StepTask<Shard>): void {
    const { arena, replica, objective, layout } = this.options;
    const held: HeldGradient[] = [];
    for (;;) {
      const index = arena.takeShard(shards.length);
      const shard = index === undefined ? undefined : shards[index];
      if (index === undefined || shard === undefined) break;
      const { lossSum, gradients } = shardGradient(replica.tree, { objective, layout, shard });
      losses[index] = tensorValues(tf.backend(), lossSum)[0] ?? NaN;
      lossSum.dispose();
      held.push({ index, gradients });
      this.add(held, (next) => held.length > HELD_GRADIENTS || arena.isTurnOf(next));
    }
    this.add(held, () => true);
  }

  /** Adds the gradients that come first, as long as they may. */
  private add(held: HeldGradient[], isDue: (index: number) => boolean): void {
    const { arena, layout } = this.options;
    for (let next = held[0]; next !== undefined && isDue(next.index); next = held[0]) {
      held.shift();
      const { index, gradients } = next;
      arena.addShard(
        index,
        layout.parts.map(({ slot, size }) =>
          slot === undefined
            ? new Float32Array(size)
            : tensorValues(tf.backend(), parameterNamed(gradients, slot.name)),
        ),
      );
      tf.dispose(gradients);
    }
  }
}
