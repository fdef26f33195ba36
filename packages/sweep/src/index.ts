export {
  availableCores,
  localCapacity,
  type LocalCapacity,
  type LocalCapacityOptions,
} from './launchers/local-capacity';
export { createLocalLauncher, type LocalLauncher } from './launchers/local-launcher';
export { createRayLauncher, type RayLauncherOptions } from './launchers/ray/ray-launcher';
export {
  createSlurmLauncher,
  SLURM_TIMING,
  type SlurmLauncherOptions,
  type SlurmTiming,
} from './launchers/slurm/slurm-launcher';
export { readTrialEnd } from './launchers/trial-end';
export { isTrialAlive } from './launchers/trial-locks';
export type { Launcher, LaunchOptions, TrialEnd, TrialTask } from './launchers/launcher';
export type { Parameters, ProposalContext, Strategy, TrialResult } from './strategies/strategy';
export {
  importances,
  type Importances,
  type ImportancesOptions,
  type ParameterImportance,
} from './report/importances';
export type { SweepSummary, TrialSummary } from './report/sweep-summary';
export { type Choice } from './space/choice';
export { type Range } from './space/range';
export { createSpace, type Distribution, type Space } from './space/space';
export { createStrategy, type StrategyOptions } from './strategies/create-strategy';
export type { Direction, Rankable } from './strategies/rank';
export {
  type RungOptions,
  rungs,
  type SurvivorOptions,
  survivors,
} from './strategies/successive-halving';
export { importancePlot, type ImportancePlotOptions } from './report/importance-plot';
export { parallelCoordinates } from './report/parallel-coordinates';
export { clipped, onOneLine, shortKeys, shortNumber, shortValue } from './report/short-text';
export { sweepReport } from './report/sweep-report';
export { sweepTable, type SweepTableOptions } from './report/sweep-table';
export { readSweepManifest } from './folder/open-sweep';
export { checkSweep } from './check-sweep';
export { sweepSummary } from './folder/describe-sweep';
export type { RungResult, TrialError, TrialOutcome } from './folder/outcome';
export { SweepFolder, type SweepFolderOptions } from './folder/sweep-folder';
export {
  type SweepManifest,
  sweepManifestJsonSchema,
  sweepManifestSchema,
  type SweepManifestTrial,
} from './folder/sweep-manifest';
export { readSweepProgress, type SweepProgress } from './folder/sweep-progress';
export { validateSweepTag } from './folder/sweep-names';
export {
  type LauncherContext,
  type PreparedLauncher,
  runSweep,
  type RunSweepOptions,
  type SweepResult,
} from './run-sweep';
export type { SweepEvent, SweepListener } from './sweep-event';
export type { SweepPlanOptions } from './sweep-plan';
export type { TrialProgram } from './trials/trial-task';
export { checkLauncher, type LauncherChoice, prepareLauncher } from './prepare-launcher';
export { failedSweepRemedy, type SweepWithoutResult } from './trials/failed-sweep-remedy';
export { readTrialProgress, type TrialProgress } from './trials/trial-progress';
export { rankedTrials, type ValuedTrial } from './report/sweep-summary';
