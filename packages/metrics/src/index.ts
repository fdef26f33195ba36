export { accuracy } from './accuracy';
export type { ClassIndexes } from './checks';
export {
  classificationScores,
  type ClassificationScores,
  type ClassScores,
  type Scores,
} from './class-scores';
export { confusionMatrix, type ConfusionMatrix } from './confusion-matrix';
export { computeMcc } from './mcc';
export { wilsonInterval, type ShareInterval, type WilsonIntervalOptions } from './wilson-interval';
