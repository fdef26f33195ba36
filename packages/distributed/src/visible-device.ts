import { UsageError } from '@pixelis/core';

/**
 * The value of `CUDA_VISIBLE_DEVICES` that leaves a rank the one device it takes: the device of its place among the ranks
 * of its machine, out of those that are visible. A single visible device is taken to be the one that the starter chose for
 * this rank. It counts before a CUDA library is loaded, never after.
 *
 * @param localRank See {@link World.localRank}.
 * @param visible The variable as it is; all devices are visible where it is absent.
 * @throws {UsageError} `DEVICE_MISSING` if fewer devices are visible.
 */
export function visibleDevice(localRank: number, visible: string | undefined): string {
  if (visible === undefined) return String(localRank);
  const devices = visible.split(',').map((device) => device.trim());
  const device = devices.length === 1 ? devices[0] : devices[localRank];
  if (device !== undefined) return device;
  throw new UsageError(
    `Rank ${localRank} of this machine has no device: CUDA_VISIBLE_DEVICES=${visible} names ${devices.length}`,
    {
      code: 'DEVICE_MISSING',
      remedy: 'start as many processes a machine as devices are visible, or name more devices',
    },
  );
}
