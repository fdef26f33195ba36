import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { FINAL_WEIGHTS_FILE } from '@pixelis/artifacts';
import type { StepLimit } from './compare-chains';
import { readLines } from './compare-metrics';
import { checkpointFile, commonCheckpoints } from './compare-weights';
import type { RunFolders } from './first-difference-of-runs';
import { type Stage, stage } from './stage';
import { type WeightDistance, weightDistance } from './tensor-distance';
import { percent, TOLERANCES } from './tolerances';

/** Whether the weights in the checkpoints that both runs have are within `TOLERANCES`. */
export function closeCheckpoints([a, b]: RunFolders, { lastStep }: StepLimit): Stage {
  const steps = commonCheckpoints(a, b).filter((step) => step <= (lastStep ?? Infinity));
  let last = '';
  for (const step of steps) {
    const path = checkpointFile(step);
    const found = weightDistance([join(a, path), join(b, path)], { prefix: 'model.' });
    last = weightsText(found, step);
    if (!(found.relative <= weightsAllowed(step)))
      return stage(['checkpoints', 'differs', `step ${step}: ${last}`], { step });
  }
  return stage(['checkpoints', 'close', `${steps.length}; of the last, ${last}`]);
}

/** Whether the weights that two runs came to are within `TOLERANCES`. */
export function closeFinalWeights([a, b]: RunFolders): Stage {
  const paths = [join(a, FINAL_WEIGHTS_FILE), join(b, FINAL_WEIGHTS_FILE)] as const;
  const missing = paths.findIndex((path) => !existsSync(path));
  if (missing >= 0)
    return stage(['final_weights', 'unknown', `${missing === 0 ? 'A' : 'B'} is not complete`]);
  const found = weightDistance(paths);
  const step = readLines(a, null).at(-1)?.['step'] ?? 0;
  const isClose = found.relative <= weightsAllowed(step);
  return stage(['final_weights', isClose ? 'close' : 'differs', weightsText(found, step)]);
}

function weightsAllowed(step: number): number {
  return step <= TOLERANCES.earlySteps ? TOLERANCES.weights : TOLERANCES.lateWeights;
}

function weightsText({ relative, problem }: WeightDistance, step: number): string {
  const allowed = percent(weightsAllowed(step));
  return problem ?? `weights are ${percent(relative)} of their norm apart, ${allowed} are allowed`;
}
