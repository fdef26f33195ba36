import { IntegrityError } from '@pixelis/core';
import type { World } from '@pixelis/distributed';
import type { ParameterLayout, ParameterTree } from '../parameters';
import type { ObjectiveModule } from '../threads/objective-module';
import type {
  StepResult,
  Trainer,
  TrainerOptions,
  TrainerSnapshot,
  TrainerStart,
} from '../trainer/trainer';
import { receiveAnswers, sendCommand, sendCommands } from './rank-messages';
import { shardBlocks } from './shard-blocks';
import { TrainingRank } from './training-rank';

/** Steps after which the weights of all ranks are compared. */
const COMPARED_EVERY = 100;

/** How a {@link RankedTrainer} trains. */
export interface RankedTrainerOptions<Shard> extends TrainerOptions<Shard> {
  /** This process's, as rank 0; the others are in `serveRank`. */
  readonly world: World;
  /** Steps after which the weights of all ranks are compared, beside the first and every snapshot. @default {100} */
  readonly comparedEvery?: number;
}

/**
 * A {@link Trainer} whose shards are shared by all ranks of a world: it stands in rank 0, the others serve it. Each rank is
 * one process on its own backend; gradients are added in rank order, which is shard order, and every rank takes the same
 * step. The bits are those of one process with the same shards.
 */
export class RankedTrainer<Shard> implements Trainer<Shard> {
  private readonly rank: TrainingRank<Shard>;
  private readonly world: World;
  private hasBegun = false;
  private isStepping = false;

  /**
   * @throws {TypeError} If there is no `objectiveModule`, or this process is not rank 0.
   * @throws {RangeError} If a parameter is missing or of another shape.
   */
  constructor(
    start: TrainerStart,
    private readonly options: RankedTrainerOptions<Shard>,
  ) {
    moduleOf(options);
    this.world = options.world;
    if (!this.world.isRoot)
      throw new TypeError(
        `Cannot train on ranks: the trainer must stand in rank 0: current value is ${this.world.rank}`,
      );
    this.rank = new TrainingRank(this.world, start, options);
  }

  get layout(): ParameterLayout {
    return this.rank.trainer.layout;
  }

  get step(): number {
    return this.rank.trainer.step;
  }

  get parameters(): ParameterTree {
    return this.rank.trainer.parameters;
  }

  /**
   * @throws {UsageError} `TRAINING_DIVERGED`, or `SHARDS_TOO_FEW` if a rank would get no shard.
   * @throws {IntegrityError} `RANKS_DIFFER` if the weights of two ranks have parted.
   * @throws {RangeError} If there are no shards.
   */
  async update(shards: readonly Shard[], learningRate: number): Promise<StepResult> {
    if (shards.length === 0)
      throw new RangeError('Cannot update: there must be at least one shard');
    if (this.isStepping) throw new TypeError('Cannot update: the update before must be awaited');
    this.isStepping = true;
    try {
      return await this.takeStep(shards, learningRate);
    } finally {
      this.isStepping = false;
    }
  }

  /** @throws {IntegrityError} `RANKS_DIFFER` if the weights of two ranks have parted: nothing of such a state is saved. */
  async snapshot(): Promise<TrainerSnapshot> {
    await this.compareRanks();
    return this.rank.trainer.snapshot();
  }

  weights(): Promise<Float32Array> {
    return this.rank.trainer.weights();
  }

  gradients(): Promise<Float32Array> {
    return this.rank.trainer.gradients();
  }

  async dispose(): Promise<void> {
    if (this.hasBegun) await this.ask({ kind: 'release' });
    this.hasBegun = false;
    await this.rank.dispose();
  }

  private async takeStep(shards: readonly Shard[], learningRate: number): Promise<StepResult> {
    const { world, rank, options } = this;
    const blocks = shardBlocks(shards, world.size);
    await this.begin();
    for (const [to, block] of blocks.entries())
      if (to !== world.rank) await sendCommand(world, { kind: 'gradients', shards: block }, to);
    const own = await outcomeOf(() => rank.computeGradients(blocks[world.rank] ?? []));
    const others = await outcomeOf(() => receiveAnswers(world));
    const losses = [own(), ...others()].flat().map(Number);
    const lossSum = losses.reduce((sum, loss) => sum + loss, 0);
    const totalWeight = shards.reduce((sum, shard) => sum + options.objective.weight(shard), 0);
    const update = { lossSum, totalWeight, learningRate };
    await sendCommands(world, { kind: 'update', ...update });
    const result = await rank.update(update);
    const { comparedEvery = COMPARED_EVERY } = options;
    if (result.step === 1 || result.step % comparedEvery === 0) await this.compareRanks();
    return { ...result, loss: lossSum / totalWeight };
  }

  /** Tells the other ranks what is trained and where it starts, before the first step. */
  private async begin(): Promise<void> {
    if (this.hasBegun) return;
    const { specs, optimizer, gradientClipNorm } = this.options;
    const snapshot = await this.rank.trainer.snapshot();
    const objective = moduleOf(this.options);
    await this.ask({ kind: 'begin', specs, optimizer, gradientClipNorm, objective, snapshot });
    this.hasBegun = true;
  }

  private async compareRanks(): Promise<void> {
    if (!this.hasBegun) return;
    const expected = await this.rank.digest();
    const found = await this.ask({ kind: 'digest' });
    const other = found.findIndex((digest) => digest !== expected);
    if (other === -1) return;
    throw new IntegrityError(
      `The weights of rank ${other + 1} are not those of rank 0 after step ${this.step}`,
      {
        code: 'RANKS_DIFFER',
        remedy:
          'use machines and devices of one kind with the same software, and resume the run from its last checkpoint; if they are, a device computes wrongly',
      },
    );
  }

  /** Gives all other ranks a command, and waits for their answers. */
  private async ask(command: Parameters<typeof sendCommands>[1]): Promise<unknown[]> {
    await sendCommands(this.world, command);
    return receiveAnswers(this.world);
  }
}

/** Waits for a deed whose failure must not keep the next one from being waited for. */
async function outcomeOf<Value>(deed: () => Promise<Value>): Promise<() => Value> {
  try {
    const value = await deed();
    return () => value;
  } catch (error) {
    return () => {
      throw error;
    };
  }
}

function moduleOf({
  objectiveModule,
}: Pick<TrainerOptions<never>, 'objectiveModule'>): ObjectiveModule {
  if (objectiveModule !== undefined) return objectiveModule;
  throw new TypeError('Cannot train on several ranks: objectiveModule must be given');
}
