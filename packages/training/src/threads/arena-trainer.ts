import { THREADS_MAX } from '@pixelis/config';
import { ParameterArena, tensorValues } from '@pixelis/kernels';
import * as tf from '@tensorflow/tfjs';
import { adamWScalars } from '../optimizers/adamw';
import { type ParameterLayout, parameterOf, type ParameterTree } from '../parameters';
import { divergence } from '../trainer/divergence';
import { treeOfVector, writeTree } from '../trainer/snapshot';
import type {
  StepResult,
  Trainer,
  TrainerOptions,
  TrainerSnapshot,
  TrainerStart,
} from '../trainer/trainer';
import { arenaLayout } from './arena-layout';
import { ArenaThread } from './arena-thread';
import type { Crew } from './crew';
import { LocalCrew } from './local-crew';
import type { ObjectiveModule } from './objective-module';
import { ParameterReplica } from './parameter-replica';
import { WorkerCrew } from './worker-crew';

/**
 * A {@link Trainer} on the wasm backend whose state lies in memory that threads share. One thread is the calling thread
 * itself; more are workers, each with a replica of the parameters. The bits are the same for any number of threads.
 */
export class ArenaTrainer<Shard> implements Trainer<Shard> {
  readonly layout: ParameterLayout;
  private readonly arena: ParameterArena;
  private readonly crew: Crew<Shard>;
  private readonly replica: ParameterReplica;
  private stepsDone: number;
  private isStepping = false;

  /**
   * @throws {RangeError} If `threads` is out of range, or a parameter is missing or of another shape.
   * @throws {TypeError} If there are several threads and no `objectiveModule`.
   */
  constructor(
    start: TrainerStart,
    private readonly options: TrainerOptions<Shard>,
  ) {
    const { specs, objective } = options;
    this.layout = arenaLayout(specs);
    const shared = ParameterArena.allocate({ size: this.layout.size, threads: threadsOf(options) });
    this.arena = new ParameterArena(shared, 0);
    this.stepsDone = this.write(start);
    this.replica = new ParameterReplica(this.layout, this.arena.parameters);
    if (shared.threads === 1) {
      const { arena, layout, replica } = this;
      this.crew = new LocalCrew(new ArenaThread({ arena, specs, layout, objective, replica }));
    } else {
      this.crew = new WorkerCrew({ arena: shared, specs, objective: moduleOf(options) });
    }
  }

  get step(): number {
    return this.stepsDone;
  }

  get parameters(): ParameterTree {
    return this.replica.tree;
  }

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

  async snapshot(): Promise<TrainerSnapshot> {
    if (this.crew.failure !== undefined) throw this.crew.failure;
    const { layout, step, arena } = this;
    // Asynchronous, as reading from a device is, though this memory is at hand.
    return Promise.resolve({
      step,
      parameters: treeOfVector(arena.parameters, { layout, step }),
      firstMoments: treeOfVector(arena.firstMoments, { layout, step }),
      secondMoments: treeOfVector(arena.secondMoments, { layout, step }),
    });
  }

  weights(): Promise<Float32Array> {
    return Promise.resolve(this.arena.parameters);
  }

  gradients(): Promise<Float32Array> {
    return Promise.resolve(this.arena.gradients);
  }

  dispose(): Promise<void> {
    this.replica.outdate();
    return this.crew.close();
  }

  private async takeStep(shards: readonly Shard[], learningRate: number): Promise<StepResult> {
    const { objective, gradientClipNorm, optimizer } = this.options;
    const step = this.stepsDone + 1;
    const totalWeight = shards.reduce((sum, shard) => sum + objective.weight(shard), 0);
    this.arena.beginStep();
    const { loss, gradientNorm, isTaken } = await this.crew.step({
      shards,
      totalWeight,
      gradientClipNorm,
      scalars: adamWScalars({ step, learningRate }, optimizer),
    });
    if (!isTaken)
      throw divergence(step, `the loss is ${loss}, the norm of the gradient ${gradientNorm}`);
    this.replica.outdate();
    this.stepsDone = step;
    return { step, loss, gradientNorm };
  }

  /** Fills the arena, and says how many steps were done before. */
  private write(start: TrainerStart): number {
    const { layout, arena } = this;
    if ('snapshot' in start) {
      const { step, parameters, firstMoments, secondMoments } = start.snapshot;
      writeTree(parameters, { layout, vector: arena.parameters });
      writeTree(firstMoments, { layout, vector: arena.firstMoments });
      writeTree(secondMoments, { layout, vector: arena.secondMoments });
      return step;
    }
    for (const slot of layout.slots) {
      const tensor = parameterOf(start.parameters, slot);
      arena.parameters.set(tensorValues(tf.backend(), tensor), slot.offset);
    }
    return 0;
  }
}

function threadsOf<Shard>({ threads = 1 }: TrainerOptions<Shard>): number {
  if (Number.isInteger(threads) && threads >= 1 && threads <= THREADS_MAX) return threads;
  throw new RangeError(
    `Cannot train: threads must be an integer in [1, ${THREADS_MAX}]: current value is ${threads}`,
  );
}

function moduleOf<Shard>({ objectiveModule }: TrainerOptions<Shard>): ObjectiveModule {
  if (objectiveModule !== undefined) return objectiveModule;
  throw new TypeError('Cannot train on several threads: objectiveModule must be given');
}
