import {
  collate,
  numberToken,
  properties,
  ReasoningEpisode,
  type ReasoningExample,
  type ReasoningTask,
  TOKENS,
  zoom,
} from '@pixelis/data';
import * as tf from '@tensorflow/tfjs';
import { setBackend } from '../../test/support/backends';
import { numbers } from '../../test/support/tensors';
import { scriptedModel, tinyModel, valExamples } from '../../test/support/tiny-model';
import { toBackend } from '../host-tensors';
import {
  type VisionLanguageConfig,
  visionLanguageInputs,
  visionLanguageLogits,
} from '../models/vision-language';
import type { ParameterTree } from '../parameters';
import { decodeGreedily } from './greedy-decoding';

beforeAll(() => setBackend('wasm with kernels'));

describe('decodeGreedily()', () => {
  const tasks = [
    ...valExamples('simple', 3),
    ...valExamples('medium', 4),
    ...valExamples('hard', 4),
  ];

  it.each([
    ['that follows a script', scriptedModel],
    ['that swerves from it with what it reads', swervingModel],
    ['that says anything', () => tinyModel({ scale: 40 })],
  ])('does with many what it does with each alone: a model %s', async (_, model) => {
    const { config, parameters } = model();
    const alone = [];
    for (const task of tasks) alone.push(await decodeAlone(task, parameters, config));

    for (const batchSize of [1, 3, 128]) {
      const episodes = await decodeGreedily(tasks, parameters, { config, batchSize });
      expect(episodes.map(trajectoryOf)).toEqual(alone.map(trajectoryOf));
    }
    tf.dispose(parameters);
  });

  it('is tried on trajectories that differ in length', async () => {
    const { config, parameters } = swervingModel();
    const episodes = await decodeGreedily(tasks, parameters, { config });

    expect(new Set(episodes.map(({ sequence }) => sequence.length(16))).size).toBeGreaterThan(4);
    tf.dispose(parameters);
  });

  it('executes the operations that a model calls, and goes on with what they give', async () => {
    const { config, parameters } = scriptedModel();
    const counts = valExamples('medium', 40).filter(({ kind }) => kind === 'count');
    const [simple, count, hard] = [tasks[0]!, counts[0]!, tasks.at(-1)!];

    const episodes = await decodeGreedily([simple, count, hard], parameters, { config });

    const said = { type: 'answer', token: TOKENS.yes };
    const property = properties(count.scene, 0);
    const crop = zoom(hard.scene, 1);
    expect(crop).toBeDefined();
    // A simple scene has no cell 1.
    expect(episodes.map(({ status }) => status)).toEqual(['invalid', 'answered', 'answered']);
    expect(episodes.map(({ answer }) => answer)).toEqual([undefined, TOKENS.yes, TOKENS.yes]);
    expect(episodes[1]!.steps).toEqual([{ type: 'properties', cell: 0, property }, said]);
    expect(episodes[2]!.steps).toEqual([
      { type: 'zoom', cell: 1, crop },
      { type: 'note', token: numberToken(3) },
      said,
    ]);
    tf.dispose(parameters);
  });

  it('never looks at a demonstration, an answer or a level', async () => {
    const { config, parameters } = scriptedModel();
    const shown = tasks.map(({ canvas, question, scene }) => ({ canvas, question, scene }));
    const guarded = shown.map(
      (task) =>
        new Proxy<ReasoningTask>(task, {
          get(target, key, receiver): unknown {
            if (!(key in target)) throw new Error(`It looked at ${String(key)}`);
            return Reflect.get(target, key, receiver);
          },
        }),
    );

    const episodes = await decodeGreedily(guarded, parameters, { config });

    const expected = await decodeGreedily(tasks, parameters, { config });
    expect(episodes.map(trajectoryOf)).toEqual(expected.map(trajectoryOf));
    tf.dispose(parameters);
  });

  it('takes the first of equal tokens', async () => {
    const { config, parameters } = tinyModel();
    const zeros = Object.fromEntries(
      Object.entries(parameters).map(([name, { shape }]) => [name, tf.zeros(shape)]),
    );

    const [episode] = await decodeGreedily(tasks.slice(0, 1), zeros, { config });

    const first = new ReasoningEpisode(tasks[0]!);
    first.emit(0);
    expect(trajectoryOf(episode!)).toEqual(trajectoryOf(first));
    tf.dispose([parameters, zeros]);
  });

  it('gives no episodes for no tasks, and leaves no tensors behind', async () => {
    const { config, parameters } = scriptedModel();
    const before = tf.memory().numTensors;

    expect(await decodeGreedily([], parameters, { config })).toEqual([]);
    await decodeGreedily(tasks, parameters, { config });

    expect(tf.memory().numTensors).toBe(before);
    tf.dispose(parameters);
  });
});

// Helpers

/** The definition itself: the whole sequence through the model for each token, one example at a time. */
async function decodeAlone(
  task: ReasoningExample,
  parameters: ParameterTree,
  config: VisionLanguageConfig,
): Promise<ReasoningEpisode> {
  const episode = new ReasoningEpisode(task);
  while (episode.status === 'open') {
    const inputs = visionLanguageInputs(collate([episode.sequence]), { config });
    const logits = tf.tidy(() => visionLanguageLogits(parameters, toBackend(inputs), config));
    const last = (await numbers(logits)).slice(-config.vocabularySize);
    logits.dispose();
    episode.emit(last.indexOf(Math.max(...last)));
  }
  return episode;
}

function trajectoryOf({ status, answer, steps, sequence }: ReasoningEpisode): unknown {
  return { status, answer, steps, entries: sequence.entries };
}

/** The scripted model with enough of a random one in it that it often says something else. */
function swervingModel(): ReturnType<typeof scriptedModel> {
  const { config, parameters } = scriptedModel();
  const random = tinyModel({ seed: 3, scale: 10 }).parameters;
  const mixed = Object.entries(parameters).map(([name, tensor]): [string, tf.Tensor] => [
    name,
    tf.tidy(() => tf.add(tensor, tf.mul(random[name]!, 0.2))),
  ]);
  tf.dispose([parameters, random]);
  return { config, parameters: Object.fromEntries(mixed) };
}
