import { PixelisError } from '@pixelis/core';
import type { World } from '@pixelis/distributed';
import { loadObjective } from '../threads/load-objective';
import { answer, type RankCommand, type RankTraining, receiveCommand } from './rank-messages';
import { TrainingRank } from './training-rank';

/**
 * Does what a `RankedTrainer` in rank 0 asks, until that ends: a rank but 0 loads no data, evaluates nothing and writes
 * nothing. TensorFlow.js must be set to the backend that rank 0 uses.
 */
export async function serveRank(world: World): Promise<void> {
  const service = new RankService(world);
  for (;;) {
    const command = await receiveCommand(world);
    if (command.kind === 'end') break;
    await service.serve(command);
  }
  await service.release();
}

class RankService {
  private rank: TrainingRank<unknown> | undefined;

  constructor(private readonly world: World) {}

  async serve(command: Exclude<RankCommand, { kind: 'end' }>): Promise<void> {
    const { world } = this;
    switch (command.kind) {
      case 'begin':
        return answer(world, () => this.begin(command));
      case 'gradients':
        return answer(world, () => this.training().computeGradients(command.shards));
      case 'digest':
        return answer(world, () => this.training().digest());
      case 'release':
        return answer(world, () => this.release());
      case 'update':
        return this.update(command);
    }
  }

  async release(): Promise<void> {
    const { rank } = this;
    this.rank = undefined;
    await rank?.dispose();
  }

  private async begin({ objective, snapshot, ...options }: RankTraining): Promise<void> {
    await this.release();
    const { specs, optimizer, gradientClipNorm } = options;
    this.rank = new TrainingRank(
      this.world,
      { snapshot },
      { specs, optimizer, gradientClipNorm, objective: await loadObjective(objective) },
    );
  }

  private async update(command: Extract<RankCommand, { kind: 'update' }>): Promise<void> {
    try {
      await this.training().update(command);
    } catch (error) {
      // Rank 0 diverges by the same numbers, and says so.
      if (!(error instanceof PixelisError) || error.code !== 'TRAINING_DIVERGED') throw error;
    }
  }

  private training(): TrainingRank<unknown> {
    if (this.rank !== undefined) return this.rank;
    throw new TypeError('Cannot serve rank 0: it must begin a training first');
  }
}
