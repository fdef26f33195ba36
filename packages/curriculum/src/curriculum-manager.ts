import { type CurriculumConfig, type CurriculumOptions, resolveCurriculumConfig } from './config';
import { type CurriculumState, initialCurriculumState, restoreCurriculumState } from './state';
import { type CurriculumDecision, type CurriculumMetrics, stepCurriculum } from './step';

/** Walks a training run through the stages of a curriculum; a mutable shell around {@link stepCurriculum}. */
export class CurriculumManager {
  /** The configuration with its defaults filled in. */
  readonly config: CurriculumConfig;
  #state: CurriculumState;

  /** @throws {UsageError} If `options` are wrong, see {@link resolveCurriculumConfig}. */
  constructor(options: CurriculumOptions) {
    this.config = resolveCurriculumConfig(options);
    this.#state = initialCurriculumState(this.config);
  }

  /**
   * Carries on from what {@link CurriculumManager.state} gave, directly or through JSON, as if there had been no break.
   *
   * @throws {UsageError} If `options` are wrong, see {@link resolveCurriculumConfig}.
   * @throws {IntegrityError} If `state` is none of this configuration, see {@link restoreCurriculumState}.
   */
  static fromState(options: CurriculumOptions, state: unknown): CurriculumManager {
    const manager = new CurriculumManager(options);
    manager.#state = restoreCurriculumState(state, manager.config);
    return manager;
  }

  /** Name of the stage to train on now. */
  get currentStage(): string {
    return this.#state.stage;
  }

  /**
   * To be called once after each evaluation: takes in its metrics and changes {@link CurriculumManager.currentStage} if
   * the rules of {@link stepCurriculum} say so.
   *
   * @throws {UsageError} If a tracked metric is missing or not finite; nothing changes then.
   */
  checkForAdvancement(metrics: CurriculumMetrics): CurriculumDecision {
    const { state, decision, reason } = stepCurriculum(this.#state, metrics, this.config);
    this.#state = state;
    return { decision, reason };
  }

  /** The state to save: frozen, plain data. */
  state(): CurriculumState {
    return this.#state;
  }
}
