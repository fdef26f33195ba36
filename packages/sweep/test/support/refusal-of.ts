import { PixelisError } from '@pixelis/core';
import { runSweep, type RunSweepOptions } from '../../src/run-sweep';

/** What a sweep is refused with. */
export async function refusalOf(options: RunSweepOptions): Promise<PixelisError> {
  try {
    await runSweep(options);
  } catch (error) {
    if (error instanceof PixelisError) return error;
    throw error;
  }
  throw new Error('the sweep was not refused');
}
