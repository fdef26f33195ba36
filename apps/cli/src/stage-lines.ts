import { fitLines } from '@pixelis/config';
import {
  describeTensor,
  type NumericDifference,
  type Replay,
  type Stage,
} from '@pixelis/verification';

const WIDTH = 80;
const NAME_WIDTH = 26;

/** A stage of a comparison for people, broken between words at 80 characters. */
export function stageLines({ name, status, summary }: Stage): string {
  const title = `${name.replaceAll('_', ' ')}: ${status}`;
  return fitLines(`${title.padEnd(NAME_WIDTH)}${summary}`, WIDTH);
}

/** What a repetition is asked for, and why. */
export function basisLine(kind: 'bits' | 'tolerances', reason: string): string {
  return fitLines(`${`asked for: ${kind}`.padEnd(NAME_WIDTH)}${reason}`, WIDTH);
}

/** Where the numbers of two runs part first, and from where that came. */
export function differenceLines(
  first: NumericDifference | null,
  cause: { readonly class: string; readonly reasons: readonly string[] } | null,
): string {
  const lines = [
    ...(first === null ? [] : placeLines(first)),
    ...(cause === null ? [] : [`class   ${cause.class}`]),
    ...(cause?.reasons ?? []).map((reason) => `reason  ${reason}`),
  ];
  return lines.map((line) => fitLines(line, WIDTH)).join('\n');
}

/** What training both again showed at that step. */
export function replayLines({ step, isFaithful, values }: Replay): string {
  const unfaithful = ['A', 'B'].filter((_, index) => isFaithful[index] === false);
  const difference = values === null ? 'equal weights' : describeTensor(values.difference);
  const lines = [
    `replay  step ${step}: ${difference}`,
    ...unfaithful.map((run) => `        trained again, ${run} is not what its record says`),
  ];
  return lines.map((line) => fitLines(line, WIDTH)).join('\n');
}

function placeLines({
  stage,
  step,
  sharedStep,
  parts,
  tensor,
  values,
}: NumericDifference): string[] {
  const place = step === null ? 'after the last step' : `step ${step}`;
  const shared = sharedStep === null ? '' : `, equal up to step ${sharedStep}`;
  const what = parts.length === 0 ? stage.replaceAll('_', ' ') : parts.join(', ');
  return [
    `first   ${place}${shared}: ${what}`,
    ...(tensor === null ? [] : [`tensor  ${tensor}`]),
    ...(values === null ? [] : [`values  ${describeTensor(values.difference)}`]),
    ...(values === null || values.step === step ? [] : [`        in ${placeOf(values)}`]),
  ];
}

function placeOf({ step }: { readonly step: number | null }): string {
  return step === null
    ? 'the final weights, since no checkpoint shows it'
    : `the checkpoints of step ${step}, the first from there on that both have`;
}
