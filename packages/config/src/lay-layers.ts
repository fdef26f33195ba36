import { type ConfigIssue, formatOrigin, type LayerName, type Origin } from './config-error';
import type { ConfigLayer, ConfigSetting } from './config-layer';
import { type ConfigPath, formatPath, isSettable, parsePath } from './config-path';
import { type ConfigNode, mergeAt, plant, toPlain } from './config-tree';
import { printable } from './printable';
import { type PlacedNode, renameKeys } from './renamed-keys';
import type { Renaming } from './renaming';
import type { RawSetting } from './resolve-config';
import { hideSecrets, isSecretPath, SECRET } from './secret-fields';

/** What layers are laid on, and what may not be shown of them. */
export interface LayLayersOptions {
  /** What lies below the layers. */
  tree: ConfigNode;
  secrets: readonly ConfigPath[];
  /** Keys that became others. @default none */
  renamedKeys?: readonly Renaming[] | undefined;
}

/** What layers come to, before it is validated. */
export interface LaidLayers {
  tree: ConfigNode;
  raw: RawSetting[];
  issues: ConfigIssue[];
  warnings: string[];
  /** The files that record who set something, by origin. */
  records: Map<Origin, string>;
}

/** Lays layers over what lies below them, and finds what cannot be set. */
export function layLayers(
  layers: readonly ConfigLayer[],
  { tree, secrets, renamedKeys = [] }: LayLayersOptions,
): LaidLayers {
  const laid: LaidLayers = { tree, raw: [], issues: [], warnings: [], records: new Map() };
  const warnings = new Set<string>();
  for (const layer of layers) {
    const { issues: unread = [], settings } = layer;
    for (const warning of layer.warnings ?? []) warnings.add(warning);
    laid.issues.push(...unread.map(withoutQuotation(secrets)));
    laid.issues.push(...repetitions(layer.layer, settings));
    const { placed, issues } = readNodes(layer);
    laid.issues.push(...issues);
    const renamed = renameKeys(placed, renamedKeys);
    for (const warning of renamed.warnings) warnings.add(warning);
    for (const { renaming, placed } of renamed.contradictions) {
      const problem = `and ${renaming.to} are the same: set ${renaming.to} alone`;
      laid.issues.push(issueOf(renaming.from.split('.'), problem, placed.node.origin));
    }
    for (const each of renamed.placed) {
      layNode(each, laid, secrets);
      if (layer.recordedIn !== undefined) laid.records.set(each.node.origin, layer.recordedIn);
    }
  }
  return { ...laid, warnings: [...warnings] };
}

function layNode(
  { path, node, isWhole }: PlacedNode,
  laid: LaidLayers,
  secrets: readonly ConfigPath[],
): void {
  const { origin } = node;
  const text = formatPath(path);
  // A default that is laid over what was asked for says that it was asked for in vain.
  if (origin.layer !== 'default' || laid.raw.some((earlier) => overlaps(earlier.path, text))) {
    laid.raw.push({ ...origin, path: text, value: hideSecrets(toPlain(node), { secrets, path }) });
  }
  // A value is merged with nothing.
  const nothing: ConfigNode = { kind: 'value', value: null, origin };
  try {
    laid.tree = mergeAt(isWhole ? mergeAt(laid.tree, path, nothing) : laid.tree, path, node);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    laid.issues.push(issueOf(path, error.message, origin));
  }
}

/** Whether one of two paths leads to the other, or both are the same. */
function overlaps(a: string, b: string): boolean {
  const [short, long] = a.length < b.length ? [a, b] : [b, a];
  return (
    short === '' || short === long || long.startsWith(`${short}.`) || long.startsWith(`${short}[`)
  );
}

/** What could not be read of a secret is not quoted either. */
function withoutQuotation(secrets: readonly ConfigPath[]): (issue: ConfigIssue) => ConfigIssue {
  return (issue) => {
    const path = parsePath(issue.path);
    if (path === undefined || !isSecretPath(path, secrets)) return issue;
    const problem = `cannot be ${SECRET}: it is no YAML`;
    return issueOf(path, problem, issue.origin);
  };
}

function readNodes({ layer, settings }: ConfigLayer): {
  placed: PlacedNode[];
  issues: ConfigIssue[];
} {
  const placed: PlacedNode[] = [];
  const issues: ConfigIssue[] = [];
  for (const { path, value, source, isWhole = false } of settings) {
    const origin: Origin = { layer, source };
    if (!isSettable(path)) {
      issues.push(issueOf(path, 'is no key that can be set', origin));
      continue;
    }
    const node = plant(value, origin, (inner, problem) => {
      issues.push(issueOf([...path, ...inner], problem, origin));
    });
    placed.push({ path, node, isWhole });
  }
  return { placed, issues };
}

/** Two settings of one layer for one path contradict each other: neither order would be right. */
function repetitions(layer: LayerName, settings: readonly ConfigSetting[]): ConfigIssue[] {
  const sources = new Map<string, string>();
  const issues: ConfigIssue[] = [];
  for (const { path, source } of settings) {
    const key = formatPath(path);
    const first = sources.get(key);
    if (first === undefined) sources.set(key, source);
    else issues.push(issueOf(path, `is set by ${printable(first)} already`, { layer, source }));
  }
  return issues;
}

function issueOf(path: ConfigPath, problem: string, origin: Origin): ConfigIssue {
  const text = formatPath(path);
  return {
    path: text,
    message: `${printable(text)} ${problem} (from ${formatOrigin(origin)})`,
    origin,
  };
}
