import type { LineageNode } from './lineage-node';

/** Colours that black text can be read on, told apart also without red and green. */
export interface NodeStyle {
  readonly name: string;
  readonly fill: string;
  readonly stroke: string;
}

/** The colour of what is missing. */
export const MISSING_STROKE = '#b91c1c';

const OTHER: NodeStyle = { name: 'other', fill: '#f1f5f9', stroke: '#475569' };

const RUNS: Readonly<Record<'RUNNING' | 'COMPLETED' | 'FAILED', NodeStyle>> = {
  COMPLETED: { name: 'run', fill: '#e2e8f0', stroke: '#1e293b' },
  RUNNING: { name: 'running', fill: '#ffffff', stroke: '#1e293b' },
  FAILED: { name: 'failed', fill: '#fecaca', stroke: '#991b1b' },
};

const ARTIFACTS: ReadonlyMap<string, NodeStyle> = new Map([
  ['dataset', { name: 'dataset', fill: '#bfdbfe', stroke: '#1d4ed8' }],
  ['experience_buffer', { name: 'experience_buffer', fill: '#bfdbfe', stroke: '#1d4ed8' }],
  ['model', { name: 'model', fill: '#fde68a', stroke: '#b45309' }],
  ['checkpoint', { name: 'checkpoint', fill: '#fef3c7', stroke: '#b45309' }],
  ['evaluation', { name: 'evaluation', fill: '#ddd6fe', stroke: '#6d28d9' }],
  ['metrics', { name: 'metrics', fill: '#ddd6fe', stroke: '#6d28d9' }],
]);

export function nodeStyle(node: LineageNode): NodeStyle {
  return node.kind === 'run' ? RUNS[node.status] : (ARTIFACTS.get(node.type) ?? OTHER);
}
