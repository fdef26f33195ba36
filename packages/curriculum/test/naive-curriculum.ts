import type { CurriculumMetrics, CurriculumOptions } from '../src';

/** What the requirement says of one call. */
export interface NaiveOutcome {
  readonly decision: 'advance' | 'rollback' | 'stay';
  readonly stageAfter: string;
}

/**
 * The rules of requirement B3 to B6, written a second time and in another way: no counters and no state between calls
 * but the stage and the call that changed it last; everything else is looked up in the whole list of calls.
 */
export function naiveCurriculum(
  options: Required<CurriculumOptions>,
  calls: readonly CurriculumMetrics[],
): NaiveOutcome[] {
  const { stages, smoothingWindowSize: size, patienceCycles, cooldownCycles } = options;
  const meanAt = (call: number, metric: string) => {
    let sum = 0;
    for (const metrics of calls.slice(call - size + 1, call + 1)) sum += metrics[metric]!;
    return sum / size;
  };
  let stage = 0;
  let firstCallOfStage = 0;
  return calls.map((_, call) => {
    const { exit } = stages[stage]!;
    const firstDecided = Math.max(
      size - 1,
      firstCallOfStage + (firstCallOfStage > 0 ? cooldownCycles : 0),
    );
    const hasFallen = exit.some(({ metric, direction }) => {
      const change = meanAt(call, metric) - meanAt(firstDecided, metric);
      return (direction === 'min' ? -change : change) < options.rollbackThreshold;
    });
    const passesAt = (earlier: number) =>
      exit.every(({ metric, threshold, direction }) => {
        const mean = meanAt(earlier, metric);
        return direction === 'min' ? mean <= threshold : mean >= threshold;
      });
    const streak = Array.from({ length: patienceCycles }, (__, back) => call - back);

    let move = 0;
    if (call < firstDecided) move = 0;
    else if (hasFallen && stage > 0) move = -1;
    else if (stage === stages.length - 1) move = 0;
    else if (streak.every((earlier) => earlier >= firstDecided && passesAt(earlier))) move = 1;
    if (move !== 0) firstCallOfStage = call + 1;
    stage += move;
    return {
      decision: move > 0 ? 'advance' : move < 0 ? 'rollback' : 'stay',
      stageAfter: stages[stage]!.name,
    };
  });
}
