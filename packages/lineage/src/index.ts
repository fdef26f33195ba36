export {
  exportLineage,
  LINEAGE_FORMATS,
  type ExportLineageOptions,
  type LineageFormat,
} from './export-lineage';
export {
  LineageGraph,
  type LineageDepthOptions,
  type LineagePath,
  type LineageSubgraphOptions,
} from './lineage-graph';
export { lineageSchema, parseLineageJson, toJson } from './lineage-json';
export type {
  ArtifactNode,
  LineageEdge,
  LineageFile,
  LineageNode,
  RunGitState,
  RunNode,
  RunStatus,
} from './lineage-node';
export type { LineageProblem } from './lineage-problem';
export type { JsonObject } from './settle-json';
export { toDot } from './to-dot';
export { toMermaid } from './to-mermaid';
export { toMlBom } from './to-ml-bom';
export { toOpenLineage, type OpenLineageOptions } from './to-open-lineage';
export { toProvJson } from './to-prov-json';
export {
  toRoCrateMetadata,
  type RoCrateAgent,
  type RoCrateFile,
  type RoCrateOptions,
} from './to-ro-crate-metadata';
export { toSlsaProvenance, type SlsaProvenanceOptions } from './to-slsa-provenance';
