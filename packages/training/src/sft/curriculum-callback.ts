import type { Recorder } from '@pixelis/core';
import type { CurriculumManager } from '@pixelis/curriculum';
import type { ReasoningBatch } from '@pixelis/data';
import type { Objective } from '../trainer/objective';
import { divergence } from '../trainer/divergence';
import type { Trainer } from '../trainer/trainer';
import type { StepReport, TrainerCallback } from '../trainer/training-loop';
import type { LevelEvaluation } from './level-evaluation';
import type { StagePlan } from './stage-plan';

/** What a {@link CurriculumCallback} works with. */
export interface CurriculumCallbackOptions {
  readonly every: number;
  readonly trainer: Trainer<ReasoningBatch>;
  readonly objective: Objective<ReasoningBatch>;
  readonly evaluation: LevelEvaluation;
  readonly curriculum: CurriculumManager;
  readonly recorder: Recorder;
  /** The levels to measure while a stage lasts; the loss, of those that it trains on. */
  readonly plan: Pick<StagePlan, 'levelsOf' | 'trainedLevelsOf'>;
  /** Told when another stage begins. */
  readonly onStage: (stage: string) => void;
}

/** Every `every` steps, measures the model on val, adds what it found to the step's metrics and lets the curriculum decide. */
export class CurriculumCallback implements TrainerCallback {
  constructor(private readonly options: CurriculumCallbackOptions) {}

  async afterStep({ step, metrics }: StepReport): Promise<void> {
    const { every, curriculum, recorder, onStage } = this.options;
    metrics['stage'] = this.stageIndex();
    if (step % every !== 0) return;
    Object.assign(metrics, await this.measure(curriculum.currentStage, step));
    const { decision, reason } = curriculum.checkForAdvancement(metrics);
    recorder.event('curriculum', {
      step,
      decision,
      stage: curriculum.currentStage,
      reason: reason.message,
    });
    if (decision !== 'stay') onStage(curriculum.currentStage);
  }

  private async measure(stage: string, step: number): Promise<Record<string, number>> {
    const { evaluation, trainer, objective, plan } = this.options;
    const trained = plan.trainedLevelsOf(stage);
    const loss = await evaluation.loss(trained, trainer.parameters, objective);
    if (!Number.isFinite(loss)) throw divergence(step, `the loss on val is ${loss}`);
    const measured: Record<string, number> = { 'loss/val': loss };
    for (const level of plan.levelsOf(stage)) {
      measured[`accuracy/${level}`] = (await evaluation.score(level, trainer.parameters)).accuracy;
    }
    return measured;
  }

  private stageIndex(): number {
    const { config, currentStage } = this.options.curriculum;
    return config.stages.findIndex(({ name }) => name === currentStage);
  }
}
