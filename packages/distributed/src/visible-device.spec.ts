import { UsageError } from '@pixelis/core';
import { visibleDevice } from './visible-device';

describe('visibleDevice()', () => {
  it.each([
    [0, undefined, '0'],
    [3, undefined, '3'],
    [1, '4,6', '6'],
    [1, '4, GPU-3a , 6', 'GPU-3a'],
    [5, '2', '2'],
    [1, '', ''],
  ])('gives rank %d of those that see %j device %j', (localRank, visible, device) => {
    expect(visibleDevice(localRank, visible)).toBe(device);
  });

  it('refuses a rank for which there is none', () => {
    const read = () => visibleDevice(2, '0,1');

    expect(read).toThrow(UsageError);
    expect(read).toThrow(/CUDA_VISIBLE_DEVICES=0,1 names 2/);
  });
});
