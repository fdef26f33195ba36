import { VOCABULARY_SIZE } from '@pixelis/data';
import * as tf from '@tensorflow/tfjs';

describe('README.md', () => {
  it('its example trains a model whose loss falls', async () => {
    const lines: string[] = [];
    const log = jest.spyOn(console, 'log').mockImplementation((line: string) => lines.push(line));
    const random = Math.random;

    await jest.requireActual<{ train(): Promise<void> }>('../README.md').train();
    log.mockRestore();

    const losses = lines.map((line) => Number(/^step \d+: loss (\d+\.\d+)$/.exec(line)?.[1]));
    expect(losses).toHaveLength(2);
    expect(losses[0]).toBeCloseTo(Math.log(VOCABULARY_SIZE), 0);
    expect(losses[1]).toBeLessThan(losses[0]! / 3);
    expect(Math.random).toBe(random);
    expect(tf.getBackend()).toBe('wasm');
  });
});
