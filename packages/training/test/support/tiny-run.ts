import { type TrainingConfig, trainingConfigSchema } from '@pixelis/config';

type Section<Name extends keyof TrainingConfig> = Partial<TrainingConfig[Name]>;

/** What a test changes of {@link tinyConfig}. */
export interface TinyConfigChanges {
  readonly training?: Section<'training'>;
  readonly data?: Section<'data'>;
  readonly model?: Section<'model'>;
  readonly curriculum?: Section<'curriculum'>;
}

/** The smallest run that has every part: one layer each, a few steps, an evaluation, a stage that is left. */
export function tinyConfig(changes: TinyConfigChanges = {}): TrainingConfig {
  return trainingConfigSchema.parse({
    training: {
      steps: 8,
      shards: 2,
      warmup_steps: 2,
      evaluate_every: 2,
      evaluation_examples: 4,
      test_examples: 4,
      checkpoint_every: 3,
      hash_every: 3,
      ...changes.training,
    },
    data: { batch_size: 8, num_workers: 0, ...changes.data },
    model: { dim: 8, heads: 1, encoder_layers: 1, decoder_layers: 1, ...changes.model },
    curriculum: {
      smoothing_window_size: 1,
      patience_cycles: 1,
      cooldown_cycles: 0,
      stages: [
        {
          name: 'first',
          exit: { metric: 'accuracy/simple', threshold: 0 },
          mixture: { simple: 1 },
        },
        { name: 'second', mixture: { simple: 1, medium: 2 } },
      ],
      ...changes.curriculum,
    },
  });
}
