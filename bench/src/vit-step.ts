import { Generator } from '@pixelis/reproducibility';
import {
  classificationObjective,
  classificationObjectiveModule,
  type ClassificationShard,
  imageClassifierSpecs,
  initialiseParameters,
  createTrainer,
  type Trainer,
  type TrainerOptions,
} from '@pixelis/training';
import * as tf from '@tensorflow/tfjs';
import type { VitModel } from './vit-models';

/** How our side works. */
export interface VitStepOptions extends Pick<
  TrainerOptions<ClassificationShard>,
  'isCompiled' | 'precision' | 'onFallback'
> {
  /** Shards that a batch is cut into. */
  readonly shards: number;
  /** Threads that share the shards; more than one on wasm alone. */
  readonly threads: number;
}

/** Our side of a comparison: the trainer with a batch that stays the same. */
export class VitStep {
  private constructor(
    readonly trainer: Trainer<ClassificationShard>,
    private readonly shards: readonly ClassificationShard[],
  ) {}

  static make(
    { config, batch }: Pick<VitModel, 'config' | 'batch'>,
    { shards, ...options }: VitStepOptions,
  ): VitStep {
    const generator = Generator.fromSeed(1);
    const specs = imageClassifierSpecs(config);
    const parameters = initialiseParameters(specs, generator.fork('model'));
    const trainer = createTrainer<ClassificationShard>(
      { parameters },
      {
        specs,
        objective: classificationObjective(config),
        objectiveModule: classificationObjectiveModule(config),
        optimizer: {},
        gradientClipNorm: 1,
        ...options,
      },
    );
    tf.dispose(parameters);
    return new VitStep(trainer, makeShards({ config, batch }, shards));
  }

  /** Takes steps; the milliseconds of each. */
  async steps(count: number): Promise<number[]> {
    const milliseconds: number[] = [];
    for (let step = 0; step < count; step++) {
      const start = performance.now();
      await this.trainer.update(this.shards, 1e-3);
      milliseconds.push(performance.now() - start);
    }
    return milliseconds;
  }

  async dispose(): Promise<void> {
    await this.trainer.dispose();
  }
}

/** A batch of random images, cut into shards. */
export function makeShards(
  { config, batch }: Pick<VitModel, 'config' | 'batch'>,
  shards: number,
): ClassificationShard[] {
  const source = Generator.fromSeed(2);
  const values = config.patches * config.patchValues;
  return Array.from({ length: shards }, (_, shard) => {
    const first = Math.floor((shard * batch) / shards);
    const images = Math.floor(((shard + 1) * batch) / shards) - first;
    return {
      patches: Float32Array.from({ length: images * values }, () => source.normal()),
      labels: Int32Array.from(
        { length: images },
        (_image, index) => (first + index) % config.classes,
      ),
    };
  });
}
