import { CurriculumManager } from '@pixelis/curriculum';
import type { Level } from '@pixelis/data';
import * as tf from '@tensorflow/tfjs';
import { setBackend } from '../../test/support/backends';
import { MemoryRecorder } from '../../test/support/memory-recorder';
import { tinyModel } from '../../test/support/tiny-model';
import { visionLanguageSpecs } from '../models/vision-language';
import { createTrainer } from '../trainer/create-trainer';
import type { StepReport } from '../trainer/training-loop';
import { CurriculumCallback } from './curriculum-callback';
import { LevelEvaluation } from './level-evaluation';
import { reasoningObjective } from './reasoning-objective';

beforeAll(() => setBackend('wasm with kernels'));

describe('CurriculumCallback', () => {
  it('measures every few steps, advances, and says which stage comes', async () => {
    const { told, recorder, metricsOf } = await setUp({ threshold: 0 });

    expect(await metricsOf(1)).toEqual({ stage: 0 });
    expect(await metricsOf(2)).toEqual({
      stage: 0,
      'loss/val': expect.any(Number) as number,
      'accuracy/simple': 0,
    });
    expect(told).toEqual(['second']);
    expect(await metricsOf(3)).toEqual({ stage: 1 });
    expect(await metricsOf(4)).toEqual({
      stage: 1,
      'loss/val': expect.any(Number) as number,
      'accuracy/simple': 0,
      'accuracy/medium': 0,
    });
    expect(told).toEqual(['second']);
    expect(recorder.events).toMatchObject([
      { type: 'curriculum', data: { step: 2, stage: 'second' } },
      { type: 'curriculum', data: { step: 4, stage: 'second', decision: 'stay' } },
    ]);
    expect(recorder.events[0]!.data['decision']).not.toBe('stay');
  });

  it('stays where the criterion is not met', async () => {
    const { told, metricsOf } = await setUp({ threshold: 0.9 });

    for (const step of [2, 4, 6]) expect(await metricsOf(step)).toMatchObject({ stage: 0 });
    expect(told).toEqual([]);
  });
});

describe('LevelEvaluation', () => {
  it('asks the first examples of its split, the same again and again', async () => {
    const { config, parameters } = tinyModel();
    const evaluation = new LevelEvaluation({ split: 'test', examples: 3, config });

    const [first, second] = [
      await evaluation.score('hard', parameters),
      await evaluation.score('hard', parameters),
    ];

    expect(first.level).toBe('hard');
    expect(first.examples).toHaveLength(3);
    expect(first.episodes).toHaveLength(3);
    expect(second.examples).toBe(first.examples);
    expect(second.accuracy).toBe(first.accuracy);
    tf.dispose(parameters);
  });

  it('weighs the loss of several levels by what they have to emit', async () => {
    const { config, parameters } = tinyModel();
    const objective = reasoningObjective(config);
    const evaluation = new LevelEvaluation({ split: 'val', examples: 3, config });
    const loss = (levels: Level[]) => evaluation.loss(levels, parameters, objective);
    const before = tf.memory().numTensors;

    const [simple, hard, both] = [
      await loss(['simple']),
      await loss(['hard']),
      await loss(['simple', 'hard']),
    ];

    const share = (both - hard) / (simple - hard);
    expect(share).toBeGreaterThan(0);
    expect(share).toBeLessThan(0.5);
    expect(tf.memory().numTensors).toBe(before);
    tf.dispose(parameters);
  });
});

// Helpers

async function setUp({ threshold }: { threshold: number }) {
  const { config, parameters } = tinyModel();
  const objective = reasoningObjective(config);
  const trainer = createTrainer(
    { parameters },
    { specs: visionLanguageSpecs(config), objective, optimizer: {}, gradientClipNorm: 1 },
  );
  const recorder = new MemoryRecorder();
  const told: string[] = [];
  const callback = new CurriculumCallback({
    every: 2,
    trainer,
    objective,
    evaluation: new LevelEvaluation({ split: 'val', examples: 2, config }),
    curriculum: new CurriculumManager({
      stages: [
        { name: 'first', exit: [{ metric: 'accuracy/simple', threshold }] },
        { name: 'second', exit: [] },
      ],
      smoothingWindowSize: 1,
      patienceCycles: 1,
      cooldownCycles: 0,
    }),
    recorder,
    plan: {
      levelsOf: (stage) => (stage === 'first' ? ['simple'] : ['simple', 'medium']),
      trainedLevelsOf: (stage) => (stage === 'first' ? ['simple'] : ['medium']),
    },
    onStage: (stage) => told.push(stage),
  });
  const metricsOf = async (step: number) => {
    const metrics: StepReport['metrics'] = {};
    await callback.afterStep({
      step,
      metrics,
      loss: 1,
      gradientNorm: 1,
      epoch: 0,
      images: 1,
      learningRate: 0.1,
      durationMs: 1,
    });
    return metrics;
  };
  return Promise.resolve({ told, recorder, metricsOf });
}
