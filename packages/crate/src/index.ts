export type { KeptAlias } from './commit-import';
export { crateIndexSchema, type CrateIndex } from './crate-index';
export {
  exportExperiment,
  type ExportedExperiment,
  type ExportExperimentOptions,
} from './export-experiment';
export {
  importExperiment,
  type ImportedExperiment,
  type ImportExperimentOptions,
} from './import-experiment';
