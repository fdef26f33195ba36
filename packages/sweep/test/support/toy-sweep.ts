import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  type ConfigSetting,
  type ResolvedConfig,
  resolveSweepConfig,
  type SweepConfig,
} from '@pixelis/config';
import type { RunSweepOptions } from '../../src/run-sweep';
import type { SweepManifest } from '../../src/folder/sweep-manifest';
import { createToyLauncher, type ToyLauncherOptions } from './toy-launcher';

/** What a sweep of the tests searches. */
export interface ToySearch {
  readonly space: Readonly<Record<string, unknown>>;
  readonly strategy?: 'grid' | 'random' | 'tpe';
  readonly trials?: number;
  readonly generation_size?: number;
  readonly halving?: { minimum_steps: number; reduction_factor?: number };
  readonly metric?: string;
  readonly direction?: 'min' | 'max';
  readonly steps?: number;
  /** Steps between two values of loss/val, as the configuration says; the toy measures at every step. */
  readonly evaluate_every?: number;
}

/** Four trials. */
export const FOUR: ToySearch = {
  space: {
    'training.learning_rate': { values: [0.001, 0.01] },
    'training.seed': { values: [1, 2] },
  },
};

/** The configuration of a sweep of short trials. */
export function toyConfig({
  steps = 4,
  evaluate_every: every = 1,
  ...sweep
}: ToySearch): ResolvedConfig<SweepConfig> {
  const settings: ConfigSetting[] = [
    { path: ['sweep'], value: sweep, source: '--grid' },
    { path: ['training', 'steps'], value: steps, source: 'training.steps' },
    { path: ['training', 'evaluate_every'], value: every, source: 'training.evaluate_every' },
  ];
  return resolveSweepConfig({ options: settings });
}

/** What runs a toy sweep in this process. */
export function toySweep(
  out: string,
  search: ToySearch,
  launching: ToyLauncherOptions = {},
): RunSweepOptions {
  return {
    resolved: toyConfig(search),
    out,
    tag: 'toy',
    launcher: () => ({ launcher: createToyLauncher(launching), options: [] }),
    program: { argv: ['toy', 'sft'], options: [], workingDirectory: process.cwd() },
  };
}

/** How often each run began, and how often it came to its end. */
export function startsOf(out: string): Record<string, { start: number; complete: number }> {
  const path = join(out, 'starts.log');
  const lines = existsSync(path) ? readFileSync(path, 'utf8').trimEnd().split('\n') : [];
  const counts: Record<string, { start: number; complete: number }> = {};
  for (const line of lines) {
    const [runId = '', word] = line.split(' ');
    const count = (counts[runId] ??= { start: 0, complete: 0 });
    if (word === 'complete') count.complete += 1;
    else if (count.complete > 0) throw new Error(`${runId} was begun again after its end`);
    else count.start += 1;
  }
  return counts;
}

/** Without what differs between equal sweeps. */
export function comparable(manifest: SweepManifest | null): unknown {
  if (manifest === null) throw new Error('the sweep has no manifest');
  const { sweep_uuid, created_at } = manifest;
  expect(sweep_uuid).toHaveLength(36);
  expect(created_at).toMatch(/Z$/);
  return { ...manifest, sweep_uuid: null, created_at: null };
}
