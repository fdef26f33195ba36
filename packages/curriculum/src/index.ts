export {
  resolveCurriculumConfig,
  trackedMetrics,
  type CriterionDirection,
  type CurriculumConfig,
  type CurriculumOptions,
  type CurriculumStage,
  type CurriculumStageOptions,
  type ExitCriterion,
  type ExitCriterionOptions,
} from './config';
export { CurriculumManager } from './curriculum-manager';
export type { CriterionCheck, CurriculumFacts, CurriculumReason } from './reason';
export { initialCurriculumState, restoreCurriculumState, type CurriculumState } from './state';
export {
  stepCurriculum,
  type CurriculumDecision,
  type CurriculumMetrics,
  type CurriculumStep,
} from './step';
