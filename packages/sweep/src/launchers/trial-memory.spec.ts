import { resolveSweepConfig } from '@pixelis/config';
import { estimateTrialMemory } from './trial-memory';

function estimate(threads: number, ...overrides: string[]): number {
  return estimateTrialMemory(resolveSweepConfig({ overrides }).config, threads);
}

function layersOf(dim: number, layers: number): string[] {
  return [
    `model.dim=${dim}`,
    'model.heads=4',
    `model.encoder_layers=${layers / 2}`,
    `model.decoder_layers=${layers / 2}`,
  ];
}

describe('estimateTrialMemory()', () => {
  // The peaks of the resident memory, in MB, that were measured.
  it.each([
    [1, ['model.dim=8', 'model.heads=1', 'model.encoder_layers=1', 'model.decoder_layers=1'], 276],
    [1, [], 296],
    [2, [], 397],
    [1, ['data.batch_size=256'], 306],
    [1, layersOf(192, 12), 585],
    [2, layersOf(192, 12), 820],
    [1, [...layersOf(192, 12), 'data.batch_size=256'], 655],
    [1, [...layersOf(192, 12), 'data.batch_size=32', 'training.shards=1'], 655],
    [1, layersOf(384, 12), 1367],
  ])(
    'estimateTrialMemory() on %d threads of %j is above the measured %d MB by 15 %% at most',
    (threads, overrides, measured) => {
      const estimated = estimate(threads, ...overrides) / 1e6;
      expect(estimated).toBeGreaterThanOrEqual(measured);
      expect(estimated).toBeLessThanOrEqual(measured * 1.15);
    },
  );

  it('estimateTrialMemory() is that of the largest trial', () => {
    const widths = 'sweep.space={model.dim: {values: [64, 384, 32]}}';
    expect(estimate(1, widths)).toBe(estimate(1, 'model.dim=384'));
    const batches = 'sweep.space={data.batch_size: {distribution: int, low: 8, high: 256}}';
    expect(estimate(1, batches)).toBe(estimate(1, 'data.batch_size=256'));
  });

  it('estimateTrialMemory() counts more for a native library', () => {
    expect(estimate(1, 'hardware.backend=cpu')).toBeGreaterThan(500e6);
    const both = 'sweep.space={hardware.backend: {values: [wasm, cpu]}}';
    expect(estimate(1, both)).toBeGreaterThan(500e6);
  });
});
