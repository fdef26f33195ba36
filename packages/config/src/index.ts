export { CommandLine, parseCommandLine } from './command-line';
export { ConfigError, type ConfigIssue, type LayerName, type Origin } from './config-error';
export { fileLayers, readConfig, sweepFileLayers } from './config-file';
export {
  argumentLayer,
  type ArgumentLayerOptions,
  type ConfigLayer,
  type ConfigSetting,
  environmentLayer,
} from './config-layer';
export { type ConfigDifference, diffConfigs } from './diff-configs';
export {
  entryPointArguments,
  type EntryPointArguments,
  type EntryPointOption,
  entryPointOptions,
} from './entry-point-options';
export {
  type ConfigSources,
  type EvaluationConfigSources,
  resolveEvaluationConfig,
  resolveSweepConfig,
  resolveTrainingConfig,
  type TrainingConfigSources,
} from './entry-point-resolution';
export { type EvaluationConfig, evaluationConfigSchema } from './evaluation-config';
export { type ConfigWithOrigins, extendConfig, type ExtendedConfig } from './extend-config';
export { fitLines } from './fit-lines';
export { helpText, type HelpTextOptions, terminalWidth } from './help-text';
export {
  evaluationConfigJsonSchema,
  sweepConfigJsonSchema,
  trainingConfigJsonSchema,
} from './json-schema';
export { configKeys } from './known-keys';
export {
  type CommandLineDefinition,
  commandLineRenamings,
  type OptionDefinition,
  type WordDefinition,
} from './option-definition';
export {
  outlivedRenamings,
  presentName,
  type PresentName,
  type Renaming,
  warningLines,
} from './renaming';
export { printConfig, type PrintConfigOptions } from './print-config';
export {
  type ConfigDefinition,
  type RawSetting,
  resolveConfig,
  type ResolveConfigOptions,
  type ResolvedConfig,
} from './resolve-config';
export { resolvedDocument } from './resolved-document';
export { SECRET, secretPaths } from './secret-fields';
export { type SweepConfig, sweepConfigSchema, type SweepParameter } from './sweep-config';
export { gridSetting, spaceSetting } from './sweep-settings';
export { THREADS_MAX, type TrainingConfig, trainingConfigSchema } from './training-config';
export { trialDocument, type TrialDocumentOptions } from './trial-document';
