export { CommandLine, parseCommandLine } from './command-line';
export { ConfigError, type ConfigIssue, type LayerName, type Origin } from './config-error';
export { fileLayer } from './config-file';
export {
  argumentLayer,
  type ArgumentLayerOptions,
  type ConfigLayer,
  type ConfigSetting,
  environmentLayer,
} from './config-layer';
export {
  entryPointArguments,
  type EntryPointArguments,
  type EntryPointOption,
  entryPointOptions,
} from './entry-point-options';
export { helpText } from './help-text';
export { trainingConfigJsonSchema } from './json-schema';
export type { CommandLineDefinition, OptionDefinition, WordDefinition } from './option-definition';
export {
  type RawSetting,
  resolveConfig,
  type ResolveConfigOptions,
  type ResolvedConfig,
  resolvedDocument,
} from './resolve-config';
export { SECRET, secretPaths } from './secret-fields';
export { THREADS_MAX, type TrainingConfig, trainingConfigSchema } from './training-config';
export { resolveTrainingConfig, type TrainingConfigSources } from './training-resolution';
