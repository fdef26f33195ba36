import { UsageError } from '@pixelis/core';
import { toJson } from './lineage-json';
import type { LineageGraph } from './lineage-graph';
import { printJson } from './settle-json';
import { toDot } from './to-dot';
import { toMermaid } from './to-mermaid';
import { toMlBom } from './to-ml-bom';
import { toOpenLineage, type OpenLineageOptions } from './to-open-lineage';
import { toProvJson } from './to-prov-json';
import { toRoCrateMetadata, type RoCrateOptions } from './to-ro-crate-metadata';
import { toSlsaProvenance, type SlsaProvenanceOptions } from './to-slsa-provenance';

/** What a lineage can be exported as. */
export const LINEAGE_FORMATS = [
  'dot',
  'mermaid',
  'json',
  'openlineage',
  'prov',
  'ro-crate',
  'ml-bom',
  'slsa',
] as const;

export type LineageFormat = (typeof LINEAGE_FORMATS)[number];

/** What single formats need to know. */
export interface ExportLineageOptions {
  openLineage?: OpenLineageOptions;
  /** Required for `ro-crate`. */
  roCrate?: RoCrateOptions;
  /** Required for `slsa`. */
  slsa?: SlsaProvenanceOptions;
}

/**
 * A graph as the text of a file of a format.
 *
 * @throws {UsageError} `LINEAGE_OPTIONS_MISSING` if the format needs options that are not given, and what the exporters throw.
 */
export function exportLineage(
  graph: LineageGraph,
  format: LineageFormat,
  options: ExportLineageOptions = {},
): string {
  switch (format) {
    case 'dot':
      return toDot(graph);
    case 'mermaid':
      return toMermaid(graph);
    case 'json':
      return toJson(graph);
    case 'openlineage':
      return toOpenLineage(graph, options.openLineage);
    case 'prov':
      return printJson(toProvJson(graph));
    case 'ro-crate':
      return printJson(
        toRoCrateMetadata(
          graph,
          given(options.roCrate, 'a name, a description, a license and a date'),
        ),
      );
    case 'ml-bom':
      return printJson(toMlBom(graph));
    case 'slsa':
      return printJson(toSlsaProvenance(graph, given(options.slsa, 'the UUID of a run')));
  }
}

function given<T>(options: T | undefined, what: string): T {
  if (options !== undefined) return options;
  throw new UsageError(`this format of lineage needs ${what}`, {
    code: 'LINEAGE_OPTIONS_MISSING',
    remedy: `give ${what}`,
  });
}
